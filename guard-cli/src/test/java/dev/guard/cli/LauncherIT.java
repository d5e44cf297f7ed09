package dev.guard.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows that bin/guard finds its folder and its Java wherever it is called from. */
@ExtendWith(NothingLeft.class)
class LauncherIT {
  private static final String SAYS = " exec -- echo it ran";

  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ln -s \"$GUARD\" link; ./link",
        "ln -s \"$GUARD\" link; mkdir sub; cd sub; ../link",
        "ln -s \"$GUARD\" one; ln -s one two; mkdir s; ln -s ../two s/three; s/three",
        "ln -s \"${GUARD%/*}\" bindir; bindir/guard",
        "ln -s \"${GUARD%/bin/*}\" folder; cd folder/bin; ./guard",
        "cd \"${GUARD%/*}\"; ./guard",
        "cd \"${GUARD%/*}\"; PATH=.:$PATH; guard",
        "PATH=${GUARD%/*}:$PATH; cd /; guard",
        "mkdir p; ln -s \"$GUARD\" p/guard; PATH=$PWD/p:$PATH; cd /; guard",
        "ln -s \"$GUARD\" 'a name'; './a name'",
        "ln -s \"$GUARD\" ./-n; PATH=.:$PATH; -n",
        "cd /; \"$GUARD\""
      })
  void fromAnywhere(String call) {
    ran(GuardProcess.script(call + SAYS).in(directory).run());
  }

  /** Also where its name is short, by way of a link half-way. */
  @ParameterizedTest
  @ValueSource(
      strings = {"deep -P; deep -P", "deep; ln -s \"$PWD\" \"$top/link\"; cd \"$top/link\"; deep"})
  void aDirectoryThatIsTooDeepForJavaIsSaidInOneLine(String go) {
    String deep =
        "top=$PWD; deep() { for i in 1 2 3 4 5 6 7 8 9 10 11; do mkdir @; cd $1 @; done; }; "
            .replace("@", "d".repeat(200));
    String call = "; \"$GUARD\"" + SAYS + "; status=$?; cd \"$top\"; rm -rf d* link; exit $status";
    Finished f = GuardProcess.script(deep + go + call).in(directory).run();
    assertThat(f.exit()).isEqualTo(125);
    assertThat(f.errors())
        .contains("guard: the path of the working directory has 4")
        .doesNotContain("java.lang", "\tat ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "IFS=/u",
        "CDPATH=/usr:/",
        "ENV=/no/such",
        "ENV=./noise",
        "BASH_ENV=./noise",
        "PS4=x SHELLOPTS=xtrace",
        "POSIXLY_CORRECT=1",
        "JAVA_HOME=/no/such",
        "JAVA_HOME=",
        "JAVA_TOOL_OPTIONS=-Xmx40m",
        "_JAVA_OPTIONS=-Xmx40m",
        "JDK_JAVA_OPTIONS=-Xmx40m",
        "CLASSPATH=/no/such",
        "LD_BIND_NOW=1",
        "HOME=",
        "PATH=",
        "home=/x self=/y version=5 java=/z line=l text=t descriptors=3"
      })
  void whateverTheEnvironmentSays(String entries) throws IOException {
    Files.writeString(directory.resolve("noise"), "echo noise\n");
    Finished f =
        GuardProcess.script("env " + entries + " \"$GUARD\" exec -- /usr/bin/env")
            .in(directory)
            .run();
    assertThat(f.errors()).isEmpty();
    assertThat(f.exit()).isZero();
    assertThat(f.lines()).contains(entries.split(" ", -1)).doesNotContain("noise");
  }

  @Test
  void anyJavaFrom17IsGoodEnough() throws IOException {
    Path copy = copy("moved");
    Files.delete(copy.resolve("lib/made"));
    List<Path> javas;
    try (Stream<Path> all = Files.list(Path.of(System.getProperty("java.home")).getParent())) {
      javas = all.filter(j -> Files.exists(j.resolve("release"))).toList();
    }
    assertThat(javas).isNotEmpty();
    for (Path java : javas) {
      String call = "JAVA_HOME=" + java + " " + copy + "/bin/guard";
      ran(GuardProcess.script(call + SAYS).run());
    }
  }

  @Test
  void aMovedFolderWorks() throws IOException {
    Path copy = copy("with a space");
    ran(GuardProcess.script("'" + copy + "/bin/guard'" + SAYS).run());
    ran(GuardProcess.script("cd '" + copy + "'; bin/guard" + SAYS).run());
  }

  @Test
  void withoutTheArchiveOrWithABrokenOneItWorks() throws IOException {
    Path copy = copy("moved");
    Files.writeString(copy.resolve("lib/guard.jsa"), "broken");
    ran(GuardProcess.script(copy + "/bin/guard" + SAYS).run());
    Files.delete(copy.resolve("lib/guard.jsa"));
    ran(GuardProcess.script(copy + "/bin/guard" + SAYS).run());
  }

  @Test
  void withoutAnyJavaItSaysSo() throws IOException {
    Path copy = copy("moved");
    Files.delete(copy.resolve("lib/made"));
    Path old = Files.createDirectories(directory.resolve("old/bin"));
    GuardProcess.program(old.resolve("java"), "#!/bin/sh\necho old >&2\n");
    Files.writeString(directory.resolve("old/release"), "JAVA_VERSION=\"11.0.2\"\n");
    Path bin = Files.createDirectory(directory.resolve("tools"));
    for (String tool : List.of("readlink", "dirname", "base64")) {
      Path real = Path.of("/usr/bin", tool);
      Files.createSymbolicLink(bin.resolve(tool), real);
    }
    for (String world :
        List.of(
            "unset JAVA_HOME; PATH=" + bin,
            "JAVA_HOME=/no/such; PATH=" + bin,
            "export JAVA_HOME=" + old.getParent() + "; PATH=" + old + ":" + bin)) {
      Finished f = GuardProcess.script(world + "; '" + copy + "/bin/guard'" + SAYS).run();
      assertThat(f.exit()).as(world).isEqualTo(125);
      assertThat(f.output()).isEmpty();
      assertThat(f.errors()).matches("guard: no Java >= 17 found; set JAVA_HOME .*\n");
    }
  }

  @Test
  void makeArchiveMakesItValidAgain() throws IOException {
    Path copy = copy("moved");
    String java = System.getProperty("java.home");
    Finished f = GuardProcess.script(copy + "/lib/make-archive " + java).run();
    assertThat(f.errors()).isEmpty();
    assertThat(copy.resolve("lib/made")).hasContent(copy + "\n" + java);
    assertThat(copy.resolve("lib/guard.jsa")).isNotEmptyFile();
    ran(GuardProcess.script(copy + "/bin/guard" + SAYS).run());
  }

  private Path copy(String name) throws IOException {
    Path copy = directory.toRealPath().resolve(name);
    Finished f =
        GuardProcess.script("cp -a \"$1\" \"$2\"", GuardProcess.FOLDER + "", copy + "").run();
    assertThat(f.exit()).isZero();
    return copy;
  }

  private static void ran(Finished f) {
    assertThat(f.errors()).isEmpty();
    assertThat(f.output()).isEqualTo("it ran\n");
    assertThat(f.exit()).isZero();
  }
}
