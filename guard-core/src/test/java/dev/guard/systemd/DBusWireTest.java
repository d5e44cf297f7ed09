package dev.guard.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteOrder;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Shows values on the wire, by bytes as sd-bus has them. */
class DBusWireTest {
  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private static DBusReader reader(String hex) {
    return new DBusReader(bytes(hex), ByteOrder.LITTLE_ENDIAN);
  }

  private static byte[] written(UnitProperty property) {
    DBusWriter to = new DBusWriter();
    property.write(to);
    return to.bytes();
  }

  @Test
  void aPropertyIsAVariantOfItsType() {
    assertThat(written(UnitProperty.text("Slice", "a.slice")))
        .isEqualTo(bytes("05000000 536c696365 00 01 73 00 000000 07000000 612e736c696365 00"));
    assertThat(written(UnitProperty.number("TasksMax", 400)))
        .isEqualTo(bytes("08000000 5461736b734d6178 00 01 74 00 9001000000000000"));
    assertThat(written(UnitProperty.number("TasksMax", UnitProperty.INFINITY)))
        .endsWith(bytes("ffffffffffffffff"));
    assertThat(written(UnitProperty.flag("Delegate", true)))
        .isEqualTo(bytes("08000000 44656c6567617465 00 01 62 00 01000000"));
  }

  /** The length of an array does not count the padding before its first element. */
  @Test
  void aProgramIsAListOfOnePathWithItsWords() throws Exception {
    byte[] exec = written(UnitProperty.program("ExecStart", List.of("/b", "x")));
    assertThat(exec)
        .isEqualTo(
            bytes(
                "09000000 457865635374617274 00 07 61287361736229 00 00"
                    + " 20000000 00000000"
                    + " 02000000 2f62 00 00 0e000000 02000000 2f62 00 00 01000000 78 00 0000"
                    + " 00000000"));
    assertThat(new DBusReader(exec, ByteOrder.LITTLE_ENDIAN).values("sv"))
        .containsExactly("ExecStart", List.of(List.of("/b", List.of("/b", "x"), false)));
  }

  @Test
  void everyTypeIsRead() throws Exception {
    assertThat(reader("07 00 feff 01000000").values("yqb")).containsExactly(7L, 0xfffeL, true);
    assertThat(reader("ffffffff 00000000 0200000000000000").values("ut"))
        .containsExactly(0xffffffffL, 2L);
    assertThat(reader("01 75 00 00 09000000").values("v")).containsExactly(9L);
    assertThat(reader("00000000 00000000 05000000").values("a(st)u"))
        .containsExactly(List.of(), 5L);
    assertThat(new DBusReader(bytes("00000005"), ByteOrder.BIG_ENDIAN).values("u"))
        .containsExactly(5L);
  }

  @Test
  void aDictionaryIsAListOfPairs() throws Exception {
    String hex = "0a000000 00000000 01000000 61 00 01 79 00 07 0000 03000000";
    assertThat(reader(hex).values("a{sv}u")).containsExactly(List.of(List.of("a", 7L)), 3L);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "s ffffff7f 61 00",
        "s 05000000 61",
        "as ff000000 00",
        "u 0100",
        "a",
        "( 00",
        "aa",
        "! 00",
        "v 05",
        "a() 04000000 00000000 00000000"
      })
  void whatIsNoSuchValueIsRefused(String typeAndBytes) {
    String[] parts = typeAndBytes.split(" ", 2);
    DBusReader reader = reader(parts.length == 1 ? "" : parts[1]);
    assertThatThrownBy(() -> reader.values(parts[0])).isInstanceOf(IOException.class);
  }

  @Test
  void aValueThatIsNestedWithoutEndIsRefused() {
    DBusReader reader = reader("01 76 00".repeat(1000));
    assertThatThrownBy(() -> reader.values("v"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("nested");
  }
}
