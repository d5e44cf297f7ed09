package dev.guard.cli.gateway;

import picocli.CommandLine.Command;

/**
 * {@code guard gateway}: runs, starts, shows and ends the process that serves this user's calls.
 */
@Command(
    name = "gateway",
    description = "Serves the guard exec of this user without a JVM for each.",
    subcommands = {
      StartGateway.class,
      StopGateway.class,
      GatewayStatus.class,
      RunGateway.class,
      InstallGateway.class,
    },
    synopsisSubcommandLabel = "COMMAND",
    mixinStandardHelpOptions = true)
public final class GatewayCommands {}
