package dev.guard.command;

import dev.guard.admission.BudgetStore;
import dev.guard.launch.Launch;
import dev.guard.launch.Lifeline;
import dev.guard.os.Kernel;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import dev.guard.store.CommandLog;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A context holds everything that the commands of one {@link CommandRunner} share.
 *
 * @param kernel the ways to the kernel
 * @param caller the process on whose behalf the commands run
 * @param budgets the budgets where the commands' places and starts are counted
 * @param uncounted tells why the budgets may not count all commands there are; empty: they do
 * @param launch makes the commands' processes
 * @param lifeline ends the commands when this process dies
 * @param log takes the output of a detached command, the only one of its runner
 * @param kept the trees that the commands have left alive
 */
record RunnerContext(
    Kernel kernel,
    Caller caller,
    BudgetStore budgets,
    Supplier<String> uncounted,
    Launch launch,
    Lifeline lifeline,
    Optional<CommandLog> log,
    KeptTrees kept) {
  Os os() {
    return kernel.os();
  }

  Procfs procfs() {
    return kernel.procfs();
  }
}
