package dev.guard.cli.setup;

import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;

/**
 * An agent that Guard can be put under, see docs/agents.md.
 *
 * @param name by which a user calls it here
 * @param title its own name
 * @param program the name of its program in PATH
 * @param home a directory that it makes for itself
 * @param files what is written for all of a user's projects
 * @param projectFiles what is written in one project
 * @param notes what its user has to know, one line each, after it was set up
 */
record Agent(
    String name,
    String title,
    String program,
    Function<Places, Path> home,
    Function<Places, List<AgentFile>> files,
    Function<Places, List<AgentFile>> projectFiles,
    Function<Places, List<String>> notes) {}
