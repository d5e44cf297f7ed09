// A model that follows a script: node model.mjs PORT_FILE RESULTS_FILE COMMAND...
// It speaks Anthropic Messages, OpenAI Responses, OpenAI Chat Completions and Gemini, all of them streaming or not. Each turn
// asks for the next COMMAND by whatever shell tool the agent offers; after the last one it says "done". What the agent gives
// back as the result of a tool goes to RESULTS_FILE, one JSON string a line. A request without a shell tool, as for the title
// of a conversation, gets "ok".
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const [portFile, resultsFile, ...commands] = process.argv.slice(2);
const SHELL_TOOLS = ['Bash', 'bash', 'exec_command', 'shell_command', 'shell', 'local_shell', 'run_shell_command'];
let written = 0;

function tellResults(results) {
  for (const result of results.slice(written)) {
    appendFileSync(resultsFile, JSON.stringify(typeof result === 'string' ? result : JSON.stringify(result)) + '\n');
    written++;
  }
}

// The next call of a tool, or nothing when the script is over.
function next(tools, results) {
  const tool = SHELL_TOOLS.map(n => tools.find(t => t.name === n)).find(Boolean);
  if (!tool) return { text: 'ok' };
  tellResults(results);
  if (results.length >= commands.length) return { text: 'done' };
  const command = commands[results.length];
  const properties = tool.schema?.properties ?? {};
  const isList = properties.command?.type === 'array';
  const input = properties.cmd ? { cmd: command } : { command: isList ? ['bash', '-c', command] : command };
  if (properties.description) input.description = 'one step';
  return { id: `call_${results.length}`, name: tool.name, input };
}

function sse(response, events) {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const [name, data] of events) {
    response.write((name ? `event: ${name}\n` : '') + `data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`);
  }
  response.end();
}

function json(response, data) {
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify(data));
}

function anthropic(request, response) {
  const tools = (request.tools ?? []).map(t => ({ name: t.name, schema: t.input_schema }));
  const blocks = request.messages.flatMap(m => (Array.isArray(m.content) ? m.content : []));
  const turn = next(tools, blocks.filter(b => b.type === 'tool_result').map(b => b.content));
  const block = turn.name
    ? { type: 'tool_use', id: turn.id, name: turn.name, input: turn.input }
    : { type: 'text', text: turn.text };
  const message = {
    id: `msg_${Date.now()}`, type: 'message', role: 'assistant', model: request.model, content: [block],
    stop_reason: turn.name ? 'tool_use' : 'end_turn', stop_sequence: null,
    usage: { input_tokens: 1, output_tokens: 1 },
  };
  if (!request.stream) return json(response, message);
  const start = turn.name ? { ...block, input: {} } : { type: 'text', text: '' };
  const delta = turn.name
    ? { type: 'input_json_delta', partial_json: JSON.stringify(turn.input) }
    : { type: 'text_delta', text: turn.text };
  const events = [
    { type: 'message_start', message: { ...message, content: [], stop_reason: null } },
    { type: 'content_block_start', index: 0, content_block: start },
    { type: 'content_block_delta', index: 0, delta },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: message.stop_reason, stop_sequence: null }, usage: { output_tokens: 1 } },
    { type: 'message_stop' },
  ];
  sse(response, events.map(e => [e.type, e]));
}

function responses(request, response) {
  const tools = (request.tools ?? []).map(t => ({ name: t.name ?? t.type, schema: t.parameters }));
  const outputs = (Array.isArray(request.input) ? request.input : []).filter(i => i.type?.endsWith('_call_output'));
  const turn = next(tools, outputs.map(i => i.output));
  const item = turn.name
    ? { type: 'function_call', id: `fc_${turn.id}`, call_id: turn.id, name: turn.name, arguments: JSON.stringify(turn.input), status: 'completed' }
    : { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text: turn.text, annotations: [] }] };
  const whole = {
    id: 'resp_1', object: 'response', status: 'completed', model: request.model, output: [item],
    usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 },
  };
  if (!request.stream) return json(response, whole);
  const events = [
    { type: 'response.created', response: { ...whole, status: 'in_progress', output: [] } },
    { type: 'response.output_item.added', output_index: 0, item },
    { type: 'response.output_item.done', output_index: 0, item },
    { type: 'response.completed', response: whole },
  ];
  sse(response, events.map(e => [e.type, e]));
}

function chat(request, response) {
  const tools = (request.tools ?? []).map(t => ({ name: t.function.name, schema: t.function.parameters }));
  const turn = next(tools, request.messages.filter(m => m.role === 'tool').map(m => m.content));
  const call = turn.name && [{ index: 0, id: turn.id, type: 'function', function: { name: turn.name, arguments: JSON.stringify(turn.input) } }];
  const message = turn.name ? { role: 'assistant', content: null, tool_calls: call } : { role: 'assistant', content: turn.text };
  const reason = turn.name ? 'tool_calls' : 'stop';
  const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
  const head = { id: 'chat_1', created: 1, model: request.model };
  if (!request.stream) {
    return json(response, { ...head, object: 'chat.completion', choices: [{ index: 0, message, finish_reason: reason }], usage });
  }
  const chunk = (delta, finish) => ({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish }] });
  sse(response, [
    ['', chunk(message, null)],
    ['', { ...chunk({}, reason), usage }],
    ['', '[DONE]'],
  ]);
}

function gemini(request, response, stream) {
  const tools = (request.tools ?? []).flatMap(t => t.functionDeclarations ?? [])
    .map(t => ({ name: t.name, schema: t.parametersJsonSchema ?? t.parameters }));
  const parts = request.contents.flatMap(c => c.parts ?? []);
  const turn = next(tools, parts.filter(p => p.functionResponse).map(p => p.functionResponse.response));
  const part = turn.name ? { functionCall: { name: turn.name, args: turn.input } } : { text: turn.text };
  const answer = {
    candidates: [{ index: 0, content: { role: 'model', parts: [part] }, finishReason: 'STOP' }],
    usageMetadata: { promptTokenCount: 1, candidatesTokenCount: 1, totalTokenCount: 2 },
  };
  return stream ? sse(response, [['', answer]]) : json(response, answer);
}

const server = createServer((incoming, response) => {
  const pieces = [];
  incoming.on('data', piece => pieces.push(piece));
  incoming.on('end', () => {
    const { pathname } = new URL(incoming.url, 'http://loopback');
    const text = Buffer.concat(pieces).toString();
    if (incoming.method !== 'POST') return json(response, { object: 'list', data: [], models: [] });
    const request = text ? JSON.parse(text) : {};
    if (pathname.endsWith('/count_tokens')) return json(response, { input_tokens: 1 });
    if (pathname.endsWith('/messages')) return anthropic(request, response);
    if (pathname.endsWith('/responses')) return responses(request, response);
    if (pathname.endsWith('/chat/completions')) return chat(request, response);
    if (pathname.endsWith('GenerateContent') || pathname.endsWith('generateContent')) {
      return gemini(request, response, pathname.endsWith('streamGenerateContent'));
    }
    response.writeHead(404).end();
  });
});
server.listen(0, '127.0.0.1', () => {
  writeFileSync(`${portFile}.new`, `${server.address().port}`);
  renameSync(`${portFile}.new`, portFile);
});
