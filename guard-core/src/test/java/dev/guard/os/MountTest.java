package dev.guard.os;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class MountTest {
  @Test
  void everyFieldHasItsPlace() {
    String line =
        "36 35 98:0 /sub /a\\040b\\134\\011 rw,noatime shared:7 master:1 - ext4 /dev/x rw,errors=remount-ro";
    assertThat(Mount.parse(line))
        .contains(
            new Mount(
                36,
                35,
                "98:0",
                "/sub",
                "/a b\\\t",
                true,
                true,
                "ext4",
                false,
                Set.of("rw", "errors=remount-ro")));
  }

  @ParameterizedTest
  @CsvSource({"rw,rw,false", "ro,rw,true", "rw,ro,true", "ro,ro,true"})
  void itIsReadOnlyWhenItIsOrItsFileSystemIs(String mount, String superblock, boolean readOnly) {
    String line = "36 35 98:0 / / " + mount + ",relatime - ext4 /dev/x " + superblock + ",x=ro2";
    assertThat(Mount.parse(line).orElseThrow().readOnly()).isEqualTo(readOnly);
  }

  @ParameterizedTest
  @CsvSource({
    "'',false,false",
    "shared:3,true,false",
    "master:3,false,true",
    "unbindable,false,false"
  })
  void itsPropagationIsInItsTags(String tags, boolean shared, boolean slave) {
    Mount mount = Mount.parse("36 35 98:0 / / rw " + tags + " - ext4 /dev/x rw").orElseThrow();
    assertThat(mount.shared()).isEqualTo(shared);
    assertThat(mount.slave()).isEqualTo(slave);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " - ",
        "36 35 98:0 / /",
        "36 35 98:0 / / - ext4 /dev/x rw",
        "x 35 98:0 / / rw - ext4 /dev/x rw",
        "36 -1 98:0 / / rw - ext4 /dev/x rw",
        "36 99999999999 98:0 / / rw - ext4 /dev/x rw",
        "36 35 98:0 / / rw ext4 /dev/x rw"
      })
  void anotherLineIsNone(String line) {
    assertThat(Mount.parse(line)).isEmpty();
    assertThat(Mount.parseAll(line + "\n36 35 98:0 / / rw - ext4 x rw\n")).hasSize(1);
  }
}
