package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Compares what the C library says of files and directories with what Java says. */
class KernelFilesTest {
  private static final KernelFiles FILES = KernelFiles.SYSTEM;

  @TempDir private Path folder;

  private Path file(int bytes) throws IOException {
    byte[] text = new byte[bytes];
    for (int i = 0; i < bytes; i++) {
      text[i] = (byte) i;
    }
    return Files.write(folder.resolve("file"), text);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3583, 3584, 3585, 4095, 4096, 4097, 8192, 100_000})
  void aFileIsReadWhole(int bytes) throws IOException {
    String path = file(bytes).toString();
    byte[] expected = Files.readAllBytes(Path.of(path));
    assertThat(FILES.read(path)).hasValue(expected);
    assertThat(FILES.records(path)).hasValue(expected);
  }

  /** As the kernel hands it out: in parts, each of whole records that fit into a page. */
  @ParameterizedTest
  @MethodSource
  void aFileOfTheKernelIsReadWhole(String path) throws IOException {
    byte[] expected = Files.readAllBytes(Path.of(path));
    assertThat(FILES.read(path)).hasValue(expected);
    assertThat(FILES.records(path)).hasValue(expected);
  }

  /** Lists files of short records, of which the first has several pages, where a kernel has it. */
  static Stream<String> aFileOfTheKernelIsReadWhole() {
    return Stream.of("/proc/crypto", "/proc/filesystems").filter(p -> Files.exists(Path.of(p)));
  }

  @Test
  void whatIsNotThereIsEmpty() throws IOException {
    String beside = folder.resolve("none").toString();
    String below = file(1) + "/none";
    for (String path : List.of(beside, below)) {
      assertThat(FILES.read(path)).as(path).isEmpty();
      assertThat(FILES.records(path)).as(path).isEmpty();
      assertThat(FILES.link(path)).as(path).isEmpty();
      assertThat(FILES.exists(path)).as(path).isFalse();
      assertThat(FILES.links(path)).as(path).isZero();
      assertThat(DirectoryNames.of(path)).as(path).isEmpty();
    }
  }

  @Test
  void whatCanNotBeReadIsAnError() {
    assertThatThrownBy(() -> FILES.read(folder.toString()))
        .isInstanceOfSatisfying(
            OsException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EISDIR))
        .hasMessage("read " + folder + ": Is a directory");
  }

  /** Whoever looks for processes of a command passes over those of others for that. */
  @Test
  void aFileThatCanNotBeOpenedIsAnErrorOfTheFileSystem() throws IOException {
    Path loop = folder.resolve("loop");
    Files.createSymbolicLink(loop, loop);
    assertThatThrownBy(() -> FILES.read(loop.toString()))
        .isInstanceOf(FileSystemException.class)
        .hasMessage(loop + ": Too many levels of symbolic links");
  }

  @Test
  void aLinkSaysWhatItSays() throws IOException {
    Path link = Files.createSymbolicLink(folder.resolve("link"), Path.of("nowhere/é"));
    assertThat(FILES.link(link.toString())).contains("nowhere/é");
    assertThat(FILES.exists(link.toString())).as("what it leads to").isFalse();
  }

  @Test
  void anEmptyDirectoryIsRemoved() throws IOException {
    String directory = Files.createDirectory(folder.resolve("d")).toString();
    Files.createFile(Path.of(directory, "f"));
    assertThat(FILES.removeDirectory(directory)).isFalse();
    Files.delete(Path.of(directory, "f"));
    assertThat(FILES.removeDirectory(directory)).isTrue();
    assertThat(Path.of(directory)).doesNotExist();
    assertThat(FILES.removeDirectory(directory)).as("by somebody else").isTrue();
  }

  @Test
  void aLargeDirectoryIsListedWhole() throws IOException {
    List<String> names = IntStream.range(0, 2000).mapToObj(i -> "a-name-of-" + i).toList();
    for (String name : names) {
      Files.createFile(folder.resolve(name));
    }
    assertThat(DirectoryNames.of(folder.toString()).orElseThrow())
        .containsExactlyInAnyOrderElementsOf(names);
  }

  @Test
  void aLinkIsNoDirectoryToBeListed() throws IOException {
    Path real = Files.createDirectory(folder.resolve("real"));
    Path link = Files.createSymbolicLink(folder.resolve("link"), real);
    assertThat(DirectoryNames.of(real.toString())).contains(List.of());
    assertThat(DirectoryNames.of(link.toString())).isEmpty();
  }

  @Test
  void theStatusOfAFileIsTheKernels() throws IOException {
    Path file = file(77);
    Files.setPosixFilePermissions(file, Set.of(PosixFilePermission.OWNER_READ));
    Files.createLink(folder.resolve("second"), file);
    FileStatus status = FileStatus.of(file).orElseThrow();
    assertThat(status.mode()).isEqualTo(Files.getAttribute(file, "unix:mode"));
    assertThat(status.user()).isEqualTo(Files.getAttribute(file, "unix:uid"));
    assertThat(status.links()).isEqualTo(2);
    assertThat(status.size()).isEqualTo(77);
    assertThat(status.inode()).isEqualTo(Files.getAttribute(file, "unix:ino"));
    assertThat(status.isRegular()).isTrue();
    assertThat(FileStatus.of(folder).orElseThrow().isDirectory()).isTrue();
    assertThat(FileStatus.of(folder.resolve("second")).filter(status::isSameFile)).isPresent();
    assertThat(FileStatus.of(folder).filter(status::isSameFile)).isEmpty();
  }

  @Test
  void theStatusOfALinkIsItsOwnUnlessItIsFollowed() throws IOException {
    Path file = file(5);
    Path link = Files.createSymbolicLink(folder.resolve("link"), file);
    assertThat(FileStatus.of(link).orElseThrow().kind()).isEqualTo("a symbolic link");
    assertThat(FileStatus.followed(link).orElseThrow().size()).isEqualTo(5);
    assertThat(FileStatus.of(folder.resolve("none"))).isEmpty();
  }

  @Test
  void theStatusOfADescriptorIsThatOfTheOpenedFile() throws IOException {
    Os os = Os.linux();
    Path file = file(5);
    FileStatus before = FileStatus.of(file).orElseThrow();
    int descriptor = os.open(OsString.of(file.toString()), DescriptorCalls.Open.READ, 0);
    try {
      Files.move(file, folder.resolve("renamed"));
      file(9);
      assertThat(FileStatus.of(descriptor).isSameFile(before)).isTrue();
      assertThat(os.byteAt(descriptor, 4)).isEqualTo(4);
      assertThat(os.byteAt(descriptor, 5)).as("behind the end").isEqualTo(-1);
    } finally {
      os.close(descriptor);
    }
  }

  @Test
  void aFileThatIsMissingIsNotOpened() throws IOException {
    Os os = Os.linux();
    OsString none = OsString.of(folder.resolve("none").toString());
    assertThat(os.openIfThere(none, DescriptorCalls.Open.READ)).isEmpty();
    OsString folderItself = OsString.of(folder.toString());
    assertThatThrownBy(() -> os.openIfThere(folderItself, DescriptorCalls.Open.WRITE))
        .hasMessage("open " + folder + ": Is a directory");
  }
}
