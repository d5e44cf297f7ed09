package dev.guard.gateway;

import dev.guard.launch.NotExecutedException;
import dev.guard.os.Errno;
import dev.guard.os.OsException;
import dev.guard.os.OsString;
import dev.guard.value.Request;
import java.io.IOException;
import java.util.Optional;

/**
 * What a shim answers to a grant.
 *
 * @param pid the child that waits to be released; 0 when there is none
 * @param failure why there is none
 */
record HeldAnswer(int pid, Optional<NotMade> failure) {
  static HeldAnswer held(Frame frame) throws ProtocolException {
    FieldReader fields = new FieldReader(frame);
    int pid = fields.u32();
    fields.end();
    if (pid <= 0) {
      throw new ProtocolException("a child with the number " + pid);
    }
    return new HeldAnswer(pid, Optional.empty());
  }

  static HeldAnswer failed(NotMade failure) {
    return new HeldAnswer(0, Optional.of(failure));
  }

  /**
   * Why a command was not executed.
   *
   * @param step 1 lookup in PATH, 2 chdir, 3 making the child, 4 joining a cgroup, 5 exec
   * @param errno the kernel's reason
   */
  record NotMade(int step, int errno) {
    private static final int CHANGE_DIRECTORY = 2;
    private static final int MAKE_CHILD = 3;
    private static final int JOIN = 4;

    static NotMade of(Frame frame) throws ProtocolException {
      FieldReader fields = new FieldReader(frame);
      NotMade failure = new NotMade(fields.u8(), fields.u32());
      fields.end();
      return failure;
    }

    boolean isInCgroup() {
      return step == JOIN;
    }

    /** Makes the exception of it: that is the command's failure, or, thrown here, Guard's. */
    NotExecutedException of(Request request) throws IOException {
      return switch (step) {
        case CHANGE_DIRECTORY ->
            throw new IOException(
                request.directory().map(OsString::toString).orElse("its directory")
                    + ": not a directory that can be entered; name another");
        case MAKE_CHILD -> throw new OsException("clone", errno, Errno.text(errno));
        case JOIN -> throw new OsException("join a cgroup", errno, Errno.text(errno));
        default -> NotExecutedException.of(request.argv().get(0), errno);
      };
    }
  }
}
