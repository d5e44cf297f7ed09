package dev.guard.cli.doctor.agent;

import com.google.gson.JsonObject;

/** What the model says next. */
sealed interface Turn {
  /** The model says something, and is done. */
  record Text(String text) implements Turn {}

  /**
   * It has the agent call a tool.
   *
   * @param id by which the agent tells the result
   */
  record Call(String id, String tool, JsonObject arguments) implements Turn {}
}
