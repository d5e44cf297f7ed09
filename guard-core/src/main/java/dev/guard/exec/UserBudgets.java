package dev.guard.exec;

import dev.guard.exec.admission.BudgetStore;
import dev.guard.exec.admission.Budgets;
import dev.guard.exec.admission.SharedOrLocal;
import dev.guard.exec.admission.StoreDirectory;
import dev.guard.exec.reap.TreeCount;
import dev.guard.os.Cgroupfs;
import dev.guard.os.Os;
import dev.guard.os.Procfs;
import java.io.IOException;
import java.util.Optional;

/** The budgets that all guards of this user share. */
final class UserBudgets {
  private static volatile BudgetStore ofThisJvm;

  private UserBudgets() {}

  /** One for all in this JVM: where nothing can be shared, a second Guard must not begin anew. */
  static synchronized BudgetStore open() throws IOException {
    if (ofThisJvm == null) {
      ofThisJvm = make(Os.linux(), Procfs.system(), Cgroupfs.system());
    }
    return ofThisJvm;
  }

  private static BudgetStore make(Os os, Procfs procfs, Cgroupfs fs) throws IOException {
    TreeCount count = new TreeCount(procfs, fs);
    Optional<String> runtime = Optional.ofNullable(System.getenv("XDG_RUNTIME_DIR"));
    return new SharedOrLocal(
        () -> Budgets.in(StoreDirectory.find(os, procfs, runtime), os, procfs, count),
        Budgets.local(os, procfs, count));
  }
}
