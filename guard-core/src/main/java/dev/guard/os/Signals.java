package dev.guard.os;

/** Names signal numbers, see signal(7); they are the same on x86-64 and aarch64. */
public final class Signals {
  public static final int HUP = 1;
  public static final int INT = 2;
  public static final int QUIT = 3;
  public static final int KILL = 9;
  public static final int USR1 = 10;
  public static final int USR2 = 12;
  public static final int PIPE = 13;
  public static final int TERM = 15;
  public static final int CHLD = 17;
  public static final int CONT = 18;
  public static final int STOP = 19;
  public static final int TSTP = 20;
  public static final int TTIN = 21;
  public static final int TTOU = 22;
  public static final int URG = 23;
  public static final int XCPU = 24;
  public static final int WINCH = 28;

  /** The last signal, SIGRTMAX. */
  public static final int LAST = 64;

  private Signals() {}
}
