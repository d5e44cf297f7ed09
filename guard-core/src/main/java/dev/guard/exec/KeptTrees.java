package dev.guard.exec;

import dev.guard.exec.launch.Lifeline;
import dev.guard.exec.reap.Tree;
import dev.guard.exec.record.Journal;
import dev.guard.os.MainProcess;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/**
 * What commands of one Guard have left alive, by their policy or since it could not be proved that
 * they have ended: a program that lives on forgets each when nothing of it is left. When Guard has
 * gone, the lifeline does.
 */
final class KeptTrees {
  private final List<Kept> all = new ArrayList<>();

  private record Kept(String id, Tree tree, MainProcess main, Journal journal) {}

  synchronized void add(String id, Tree tree, MainProcess main, Journal journal) {
    all.add(new Kept(id, tree, main, journal));
  }

  /** Forgets those of which nothing is left. */
  synchronized void tidy(Lifeline lifeline) throws IOException {
    Iterator<Kept> each = all.iterator();
    while (each.hasNext()) {
      Kept kept = each.next();
      if (kept.main().hasEnded()
          && kept.tree().isEmpty()
          && kept.tree().cgroup().remove().isEmpty()) {
        lifeline.done(kept.id());
        kept.journal().forget();
        each.remove();
      }
    }
  }
}
