package dev.guard.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.guard.admission.BudgetStore.Place;
import dev.guard.admission.BudgetStore.PlaceRequest;
import dev.guard.admission.BudgetStore.Reservation;
import dev.guard.os.Os;
import dev.guard.os.OsString;
import dev.guard.os.Procfs;
import dev.guard.process.Member;
import dev.guard.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checks the budgets of all guards of a user: every store here is one of its own, as that of a
 * process.
 */
class FileBudgetsTest extends BudgetsContract {
  @TempDir private Path directory;

  @Override
  BudgetStates states() throws IOException {
    return new FileStates(Os.linux(), Procfs.system(), directory);
  }

  private Path state(String budget) {
    return directory.resolve(budget + ".state");
  }

  private List<String> files() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(p -> p.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void anotherStoreCountsWhatThisOneHas() throws IOException {
    Place place = running(2, "b", MAX);
    Budgets other = budgets(self(), System::nanoTime);
    assertThat(other.reserve(ask("x", "b", 2))).satisfies(isFull(2, 2, 0));
    assertThat(other.start("b", 1, "c1").delay()).isZero();
    assertThat(store.start("b", 1, "c2").delay()).isPositive();
    place.giveBack();
    granted(other.reserve(ask("x", "b", 1)));
  }

  @Test
  void ofAnotherBootNothingCounts() throws IOException {
    granted("b", 1);
    Path file = state("b");
    String text = Files.readString(file);
    Files.writeString(file, text.replaceFirst(" .*", " another-boot"));
    granted("b", 1);
  }

  @Test
  void aFileThatIsNotWholeIsSetAsideAndSaidSo() throws IOException {
    granted("b", 1);
    String whole = Files.readString(state("b"));
    for (String damaged :
        List.of(
            "",
            "{}",
            whole.substring(0, whole.length() - 2),
            whole.replace(" =\n", "\n"),
            whole.replace("place c1", "place c1 x"),
            "\0\1\2")) {
      Files.writeString(state("b"), damaged);
      Reservation answer = reserve("b", 1);
      granted(answer).giveBack();
      assertThat(((Reservation.Granted) answer).damage())
          .startsWith(state("b") + " was damaged")
          .endsWith("it is kept as " + state("b") + ".damaged");
      assertThat(directory.resolve("b.state.damaged")).hasContent(damaged);
    }
    Reservation answer = reserve("b", 1);
    assertThat(((Reservation.Granted) answer).damage()).as("said once").isEmpty();
  }

  @Test
  void whatWasLostInAnotherBudgetIsSaidToWhoeverCountsIt() throws IOException {
    Files.writeString(state("other"), "{}");
    Files.writeString(state("b"), "{}");
    Reservation answer = store.reserve(new PlaceRequest("c", "b", MAX, MAX, false, false, ""));
    assertThat(((Reservation.Granted) answer).damage())
        .contains(state("b") + " was damaged", state("other") + " was damaged");
  }

  @Test
  void everyFileThatWasCutOffIsKnown() throws IOException {
    has("c1", MAX);
    granted("b", 9).countBy(new Member("c1", 7, 8, 9, 10, List.of(Path.of("/a b/\n%"))));
    store.reserve(waiting("w"));
    store.start("b", 9, "c1");
    String whole = Files.readString(state("b"));
    String boot = whole.lines().findFirst().orElseThrow().split(" ", -1)[1];
    assertThat(BudgetState.parse(whole, boot).format(boot)).isEqualTo(whole);
    assertThat(BudgetState.parse(whole, boot).places.get("c1").member())
        .isEqualTo(Optional.of(new Member("c1", 7, 8, 9, 10, List.of(Path.of("/a b/\n%")))));
    // All but the last newline.
    for (int length = 0; length < whole.length() - 1; length++) {
      String cut = whole.substring(0, length);
      assertThatThrownBy(() -> BudgetState.parse(cut, boot))
          .as("cut off after %d", length)
          .isInstanceOf(BudgetState.DamagedBudgetException.class);
    }
  }

  @Test
  void whatCanNotBeWrittenIsToldWithTheReason() throws IOException {
    granted("b", 2);
    // As a full disk, for root too.
    Files.createDirectories(directory.resolve("b.state.new/full"));
    assertThatThrownBy(() -> reserve("b", 2))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining("b.state can not be written");
  }

  @Test
  void whatCouldNotBeGivenBackIsGivenBackLater() throws IOException {
    Place place = granted("b", 1);
    Path obstacle = Files.createDirectories(directory.resolve("b.state.new/full"));
    place.giveBack();
    Files.delete(obstacle);
    Files.deleteIfExists(obstacle.getParent());
    granted("b", 1);
  }

  @Test
  void aBudgetThatNobodyUsesAnyMoreGoesWhenANewOneComes() throws IOException {
    granted("ended", 1).giveBack();
    granted("used", 1);
    granted("new", 1);
    assertThat(files()).containsExactly("new.lock", "new.state", "used.lock", "used.state");
    granted("ended", 1);
    assertThat(reserve("ended", 1)).isInstanceOf(Reservation.Full.class);
  }

  @Test
  void onlyTheBudgetItselfIsForgotten() throws IOException {
    granted("app.lock", 1).giveBack();
    Place used = granted("app", 1);
    granted("new", 1);
    assertThat(files()).contains("app.state", "app.lock").doesNotContain("app.lock.lock");
    used.giveBack();
  }

  @Test
  void theFilesOfOtherBudgetsRefuseNobody() throws IOException {
    Files.createFile(directory.resolve("other.lock"));
    Files.createDirectory(directory.resolve("other.state"));
    assertThat(((Reservation.Granted) reserve("b", 1)).problem()).isEmpty();
    assertThat(reserve("b", 1)).satisfies(isFull(1, 1, 0));
  }

  @Test
  void aPathThatCanNotBeIsDamage() throws IOException {
    granted("b", 1).countBy(new Member("c1", 1, 2, 0, 0, List.of(Path.of("/pids/guard"))));
    String whole = Files.readString(state("b"));
    Files.writeString(state("b"), whole.replace("/pids/guard", "/pids%00/guard"));
    assertThat(((Reservation.Granted) reserve("b", 1)).damage()).isNotEmpty();
  }

  @Test
  void aStoreThatWasRemovedIsMadeAgain() throws IOException {
    Path gone = directory.resolve("guard");
    Budgets late =
        new Budgets(
            new FileStates(Os.linux(), Procfs.system(), gone.resolve("budgets")),
            null,
            Procfs.system(),
            self(),
            System::nanoTime);
    granted(late.reserve(ask("x", "b", Integer.MAX_VALUE)));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(gone)))
        .isEqualTo("rwx------");
  }

  @Test
  void whereTheStoreFailsThisProcessCountsAloneAndSaysSo() throws IOException {
    Budgets alone = new Budgets(new LocalStates(), null, Procfs.system(), self(), () -> 42);
    SharedOrLocal both = new SharedOrLocal(() -> store, alone);
    assertThat(both.start("b", 1, "c1").problem()).isEmpty();
    Place place = granted(both.reserve(ask("runs", "b", 1)));
    assertThat(both.reserve(new PlaceRequest("waits", "b", 1, UNLIMITED, true, false, "")))
        .isEqualTo(new Reservation.Queued(1));
    Path obstacle = Files.createDirectories(directory.resolve("b.state.new/full"));
    BudgetStore.StartAnswer start = both.start("b", 1, "c2");
    assertThat(start.delay()).as("nothing started here yet").isZero();
    assertThat(start.problem()).contains("b.state can not be written");
    place.giveBack();
    Reservation answer =
        both.reserve(new PlaceRequest("waits", "b", 1, UNLIMITED, true, false, ""));
    assertThat(((Reservation.Granted) answer).problem()).contains("can not be written");
    Files.delete(obstacle);
    Files.deleteIfExists(obstacle.getParent());
    granted(both.reserve(ask("next", "b", 1)));
    assertThat(Files.readString(state("b"))).as("nobody waits there").doesNotContain("wait ");
  }

  @Test
  void aPlaceThatWasNotGivenBackWhenItsGuardClosedIsGivenBackByTheNextOfThisProcess()
      throws IOException {
    Budgets closed = Budgets.in(directory, Os.linux(), Procfs.system(), null);
    Place place = granted(closed.reserve(ask("runs", "b", 1)));
    Path obstacle = Files.createDirectories(directory.resolve("budgets/b.state.new/full"));
    place.giveBack();
    closed.catchUp();
    Files.delete(obstacle);
    Files.deleteIfExists(obstacle.getParent());
    Budgets next = Budgets.in(directory, Os.linux(), Procfs.system(), null);
    granted(next.reserve(ask("next", "b", 1)));
  }

  @Test
  void nobodyIsRefusedForWhatAnotherBudgetIsOwed() throws IOException {
    Budgets budgets = budgets(self(), System::nanoTime);
    Place place = granted(budgets.reserve(ask("runs", "b", 1)));
    Files.createDirectories(directory.resolve("b.state.new/full"));
    place.giveBack();
    granted(budgets.reserve(ask("other", "c", 1)));
    assertThat(budgets.start("c", 1, "other").delay()).isZero();
    assertThat(budgets.owed()).isEqualTo(1);
    assertThatThrownBy(() -> budgets.reserve(new PlaceRequest("all", "c", 9, 9, false, false, "")))
        .as("where all budgets count")
        .isInstanceOf(StoreException.class);
  }

  @Test
  void aStoreThatCanNotBeWrittenForLongIsOwedNoMoreThanAtFirst() throws IOException {
    Budgets budgets = budgets(self(), System::nanoTime);
    Place place = granted(budgets.reserve(ask("runs", "b", 1)));
    PlaceRequest waits = new PlaceRequest("waits", "b", 1, UNLIMITED, true, false, "");
    assertThat(budgets.reserve(waits)).isEqualTo(new Reservation.Queued(1));
    Path obstacle = Files.createDirectories(directory.resolve("b.state.new/full"));
    place.giveBack();
    place.giveBack();
    budgets.leaveQueue(waits);
    assertThat(budgets.owed()).isEqualTo(2);
    for (int i = 0; i < 100; i++) {
      String command = "later" + i;
      PlaceRequest later = new PlaceRequest(command, "b", 1, UNLIMITED, true, false, "");
      assertThatThrownBy(() -> budgets.reserve(later)).isInstanceOf(StoreException.class);
      budgets.leaveQueue(later);
      assertThatThrownBy(() -> budgets.start("b", 1, command)).isInstanceOf(StoreException.class);
      budgets.leaveStarts("b", command);
    }
    assertThat(budgets.owed()).isEqualTo(2);
    Files.delete(obstacle);
    Files.deleteIfExists(obstacle.getParent());
    granted(budgets.reserve(ask("next", "b", 1)));
    assertThat(budgets.owed()).isZero();
    assertThat(Files.readString(state("b"))).doesNotContain("runs", "waits", "later");
  }

  @Test
  void aLinkInPlaceOfALockIsNotFollowed() throws IOException {
    Path elsewhere = directory.resolve("elsewhere");
    Files.createSymbolicLink(directory.resolve("b.lock"), elsewhere);
    assertThatThrownBy(() -> reserve("b", 1)).isInstanceOf(StoreException.class);
    assertThat(elsewhere).doesNotExist();
  }

  @Test
  void everyLineHasItsGrammar() throws IOException {
    Place held = granted("b", 1);
    held.countBy(new Member("c1", 7, 8, 0, 0, List.of(Path.of("/a"))));
    String whole = Files.readString(state("b"));
    String place = whole.lines().filter(l -> l.startsWith("place ")).findFirst().orElseThrow();
    String last = "wait ../x 1 2\nend\n";
    for (String damaged :
        List.of(
            whole.replace(place, place.replace("place c1", "place ../c1")),
            whole.replace(place, place.replace("place c1", "place c1c1c1c1c1c1c1c1c1")),
            whole.replace(place, place.replace(" =", " =?a?b")),
            whole.replace(place, place.replace(" 0 =", " 7 =")),
            whole.replace(place, place.replace(" /a", " a")),
            whole.replace(place, place + " "),
            whole.replace("rate 0", "rate -1"),
            whole.replace("end\n", last))) {
      Files.writeString(state("b"), damaged);
      assertThat(((Reservation.Granted) reserve("b", 9)).damage()).as(damaged).isNotEmpty();
    }
  }

  @Test
  void anOuterCommandIsAnId() {
    for (String outer : List.of("a\njunk", "?", "a b", "../../x")) {
      assertThatThrownBy(() -> new PlaceRequest("c", "b", 1, UNLIMITED, false, false, outer))
          .as(outer)
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  @Timeout(value = 30, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void nobodyWaitsForAFifoInPlaceOfAState() throws IOException {
    OsString fifo = OsString.of(state("b").toString());
    Os.linux().makeFifo(fifo);
    Reservation answer = reserve("b", 1);
    assertThat(((Reservation.Granted) answer).damage())
        .startsWith(fifo + " was damaged (it is a FIFO)");
    Os.linux().makeFifo(OsString.of(directory.resolve("c.lock").toString()));
    assertThatThrownBy(() -> reserve("c", 1))
        .isInstanceOf(StoreException.class)
        .hasMessage(directory.resolve("c.lock") + " can not be used: it is a FIFO; remove it");
  }

  @Test
  void nothingIsWrittenThroughALinkInPlaceOfTheDirectory() throws IOException {
    Path elsewhere = Files.createDirectories(directory.resolve("elsewhere"));
    Path link = Files.createSymbolicLink(directory.resolve("budgets"), elsewhere);
    Budgets linked =
        new Budgets(
            new FileStates(Os.linux(), Procfs.system(), link),
            null,
            Procfs.system(),
            self(),
            System::nanoTime);
    assertThatThrownBy(() -> linked.reserve(ask("x", "b", 1)))
        .isInstanceOf(StoreException.class)
        .hasMessageContaining(link + " is no directory; remove it");
    assertThat(elsewhere).isEmptyDirectory();
  }
}
