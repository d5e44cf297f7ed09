package dev.guard.cli.gateway;

import dev.guard.cli.exec.GatewayExec;
import dev.guard.gateway.CallHandler;
import dev.guard.gateway.Hello;
import dev.guard.gateway.ShimConnection;
import dev.guard.os.OsString;
import java.io.IOException;
import java.util.List;

/**
 * Leads each call of a shim to what serves it.
 *
 * @param exec serves {@code guard exec}
 * @param answers answers the calls that start no command
 */
record GatewayCalls(GatewayExec exec, CallHandler answers) implements CallHandler {
  private static final OsString EXEC = OsString.of("exec");

  @Override
  public void serve(ShimConnection shim, Hello hello) throws IOException {
    List<OsString> words = hello.arguments();
    boolean starts = words.size() > 1 && words.get(1).equals(EXEC);
    (starts ? exec : answers).serve(shim, hello);
  }

  @Override
  public void look() {
    exec.look();
  }

  @Override
  public int live() {
    return exec.live();
  }

  @Override
  public String version() {
    return exec.version();
  }
}
