// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Launches are collected, and given to the driver together when somebody waits for them. A run of
// launches that comes for the second time becomes a graph.

#include "Driver.h"

#include <stdlib.h>
#include <string.h>

namespace attune::cuda {

static constexpr int32_t mostParameters = 512;

template <typename Element> static bool reserve(Element *&array, int64_t &capacity, int64_t count) {
  if (count <= capacity)
    return true;
  int64_t larger = count * 2 + 64;
  void *grown = realloc(array, size_t(larger) * sizeof(Element));
  if (!grown)
    return false;
  array = static_cast<Element *>(grown);
  capacity = larger;
  return true;
}

void release(Run &run) {
  free(run.launches);
  free(run.slots);
  run = {};
}

static bool isSame(const Run &a, const Run &b) {
  return a.launchCount == b.launchCount && a.slotCount == b.slotCount &&
         memcmp(a.launches, b.launches, size_t(a.launchCount) * sizeof(Launch)) == 0 &&
         memcmp(a.slots, b.slots, size_t(a.slotCount) * sizeof(int64_t)) == 0;
}

/// Gives the launches to the stream; false where the driver refuses one, which is an error unless
/// they are only tried.
static bool launchAll(const Run &run, bool isTrial = false) {
  for (int64_t i = 0; i < run.launchCount; ++i) {
    const Launch &one = run.launches[i];
    void *parameters[mostParameters];
    for (int32_t p = 0; p < one.parameters; ++p)
      parameters[p] = run.slots + one.firstSlot + p;
    Result result = state.cuda.launch(state.kernels[one.kernel], one.grid[0], one.grid[1],
                                      one.grid[2], one.block[0], one.block[1], one.block[2],
                                      one.shared, state.stream, parameters, nullptr);
    if (isTrial ? result != success : !check(result, current->program->kernels[one.kernel].name))
      return false;
  }
  return true;
}

/// A graph of the run, or null where the driver makes none. Nothing runs.
static Handle makeGraph(const Run &run) {
  if (state.cuda.beginCapture(state.stream, captureThreadLocal) != success)
    return nullptr;
  bool all = launchAll(run, /*isTrial=*/true);
  Handle graph = nullptr, executable = nullptr;
  Result result = state.cuda.endCapture(state.stream, &graph);
  if (all && result == success && graph &&
      state.cuda.instantiateGraph(&executable, graph, 0) != success)
    executable = nullptr;
  if (graph)
    state.cuda.destroyGraph(graph);
  return executable;
}

void flush() {
  Run &run = current->run;
  if (!run.launchCount)
    return;
  KnownRun *found = nullptr;
  for (KnownRun &known : state.known)
    if (known.run.launchCount && isSame(known.run, run))
      found = &known;
  if (found && !found->graph && !found->hasNone) {
    found->graph = makeGraph(run);
    found->hasNone = !found->graph;
  }
  if (isOff())
    return;
  if (found && found->graph) {
    Result result = state.cuda.launchGraph(found->graph, state.stream);
    if (result == outOfMemory) {
      // A graph needs memory of its own; the kernels may do without.
      state.cuda.destroyGraphExec(found->graph);
      found->graph = nullptr;
      found->hasNone = true;
    } else {
      check(result, "a graph of kernels");
    }
  }
  if (!found || !found->graph)
    launchAll(run);
  if (found) {
    run.launchCount = run.slotCount = 0;
    return;
  }
  KnownRun &place = state.known[state.nextKnown];
  state.nextKnown = (state.nextKnown + 1) % mostKnownRuns;
  if (place.graph) {
    // It may still be running.
    state.cuda.synchronize(state.stream);
    state.cuda.destroyGraphExec(place.graph);
  }
  release(place.run);
  place = {run, nullptr, false};
  run = {};
}

} // namespace attune::cuda

using namespace attune::cuda;

void attune_device_launch(int32_t kernel, int64_t grid_x, int64_t grid_y, int64_t grid_z,
                          int64_t block_x, int64_t block_y, int64_t block_z, int64_t shared,
                          const int64_t *slots) {
  if (isOff() || grid_x <= 0 || grid_y <= 0 || grid_z <= 0)
    return;
  const attune_kernel &description = current->program->kernels[kernel];
  if (grid_x > INT32_MAX || grid_y > 65535 || grid_z > 65535)
    return fail(unsupported, "kernel %s needs %lld x %lld x %lld blocks, more than a grid has",
                description.name, static_cast<long long>(grid_x), static_cast<long long>(grid_y),
                static_cast<long long>(grid_z));
  Handle function = state.kernels[kernel];
  if (shared > 48 * 1024 && shared > state.sharedOf[kernel]) {
    if (shared > state.sharedLimit)
      return fail(unsupported,
                  "kernel %s needs %lld bytes of shared memory, the device (%s) has %d",
                  description.name, static_cast<long long>(shared), state.name, state.sharedLimit);
    if (!check(state.cuda.setAttribute(function, maxDynamicShared, int(shared)), description.name))
      return;
    state.sharedOf[kernel] = shared;
  }
  if (description.parameters > mostParameters)
    return fail(internal, "internal error: kernel %s has %d parameters", description.name,
                description.parameters);
  Run &run = current->run;
  if (!reserve(run.launches, run.launchCapacity, run.launchCount + 1) ||
      !reserve(run.slots, run.slotCapacity, run.slotCount + description.parameters))
    return fail(unsupported, "not enough memory");
  Launch &one = run.launches[run.launchCount++];
  one = {kernel,
         description.parameters,
         run.slotCount,
         {unsigned(grid_x), unsigned(grid_y), unsigned(grid_z)},
         {unsigned(block_x), unsigned(block_y), unsigned(block_z)},
         unsigned(shared),
         0};
  if (description.parameters)
    memcpy(run.slots + run.slotCount, slots, size_t(description.parameters) * sizeof(int64_t));
  run.slotCount += description.parameters;
  ++current->launches;
  if (!state.useGraphs) {
    launchAll(run);
    run.launchCount = run.slotCount = 0;
  }
}
