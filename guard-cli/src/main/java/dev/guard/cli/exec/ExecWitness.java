package dev.guard.cli.exec;

import java.util.List;

/** Takes note of how a {@code guard exec} goes, beside its caller. */
public interface ExecWitness {
  /** The witness that takes no note. */
  ExecWitness NONE =
      new ExecWitness() {
        @Override
        public boolean released(String id) {
          return true;
        }

        @Override
        public void notRun(int exitCode, List<String> messages) {}

        @Override
        public boolean endsItAtHangup() {
          return false;
        }

        @Override
        public void ended() {}
      };

  /**
   * Tells that the command has exec'd. Answers false where the command should not go on, since
   * nobody would know of it.
   */
  boolean released(String id);

  /** Tells that the command will not run. */
  void notRun(int exitCode, List<String> messages);

  /** Answers whether the command ends, and is not only told, when its terminal goes away. */
  boolean endsItAtHangup();

  /** Tells that all is over but the exit of guard. */
  void ended();
}
