package dev.guard.cli.setup;

/** What a model is told about the place where its commands run. */
final class Instructions {
  private Instructions() {}

  /**
   * Writes the section.
   *
   * @param guard how guard is called: a name in PATH, or a path
   */
  static String of(String guard) {
    return String.join(
        "\n",
        "## Commands run under Guard",
        "",
        "Each shell command here runs under Guard, inside limits and a timeout. When it ends, whatever it has",
        "left in the background is ended, too, also after `nohup`, `setsid` or `disown`. A line `guard: ...`",
        "on stderr says what Guard did and why.",
        "",
        "- A server lives as long as the command that starts it. Start, use and end it in one command:",
        "  `npm run dev & server=$!; sleep 3; curl -s localhost:3000; kill $server`",
        "- For one that must live longer, ask the user to run in a terminal of their own:",
        "  `" + guard + " exec -d --name web --timeout 0 -- npm run dev`",
        "- Then its output is `"
            + guard
            + " logs web`, and `"
            + guard
            + " stop web` ends it. `"
            + guard
            + " ps` lists what runs.",
        "- Why a command ended: `"
            + guard
            + " why` explains the last one of the working directory, and",
        "  `" + guard + " history` has a line for each.",
        "- Exit status 124: its time was over. 75: refused by a limit, nothing has run; try again later.");
  }
}
