package dev.guard.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads JSON that anything may have written. */
class JsonTest {
  @Test
  void anObjectIsRead() {
    JsonObject json = Json.object("{\"a\":[1,-2,\"x\\n\",true,null],\"b\":{\"c\":\"\"}}\n");
    assertThat(json.getAsJsonArray("a")).hasSize(5);
    assertThat(json.getAsJsonArray("a").get(1).getAsLong()).isEqualTo(-2);
    assertThat(json.getAsJsonArray("a").get(2).getAsString()).isEqualTo("x\n");
    assertThat(json.getAsJsonArray("a").get(3).getAsBoolean()).isTrue();
    assertThat(json.get("a").getAsJsonArray().get(4).isJsonNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "{",
        "{}{}",
        "{} x",
        "{'a':1}",
        "{a:1}",
        "{\"a\":1,}",
        "{\"a\":NaN}",
        "{\"a\":\"\u001b[31m\"}",
        "{\"a\":1\n}",
        "\u0000",
        "# {}"
      })
  void whatIsNoneIsToldInOurWords(String text) {
    assertThatThrownBy(() -> Json.object(text))
        .isInstanceOf(JsonParseException.class)
        .hasMessageMatching("it is no JSON( object)?");
  }

  @Test
  void depthAndNumberAreBounded() {
    String deep = "{\"a\":" + "[".repeat(100_000) + "]".repeat(100_000) + "}";
    String many = "{\"a\":[" + "[],".repeat(600_000) + "[]]}";
    for (String text : new String[] {deep, many, "{\"a\":".repeat(100_000)}) {
      assertThatThrownBy(() -> Json.object(text))
          .isInstanceOf(JsonParseException.class)
          .hasMessage("it is nested too deeply, or too long");
    }
  }
}
