// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Which ops visit rows together.
//
// From the first op on, every op of the block joins, comes before, or stays behind. An op joins if
// it walks the same size and needs nothing of an op that stays behind; what it shares with the
// group it must walk by rows too. Small ops that need nothing of the group may come before it. Ops
// that stay behind keep everything that needs them behind.
//
// A group that sums rows up keeps only what leads to a sum: what is left finds its readers in the
// next group, with the sums at hand.
#include "RowGroup.h"
#include "attune/Sizes/EntryAttrs.h"
#include "attune/Sizes/Sizes.h"

#include "mlir/Interfaces/FunctionInterfaces.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"
#include "mlir/Interfaces/ViewLikeInterface.h"
#include "mlir/Transforms/RegionUtils.h"
#include "llvm/ADT/MapVector.h"

using namespace mlir;

namespace attune::tile {

namespace {

/// Elements of the largest result that every part has a copy of, and of what small ops write.
constexpr int64_t kSmallResult = 64 * 1024;

/// What an op does with a buffer; `rowDim` is -1 unless it is walked by rows.
struct Use {
  Value root;
  bool writes;
  int64_t rowDim = -1;
};
using Uses = SmallVector<Use>;

bool conflict(const Uses &first, const Uses &second) {
  return llvm::any_of(first, [&](const Use &a) {
    return llvm::any_of(second,
                        [&](const Use &b) { return a.root == b.root && (a.writes || b.writes); });
  });
}

/// What an op uses, its regions included.
llvm::SetVector<Value> valuesOf(Operation *op) {
  llvm::SetVector<Value> used(op->operand_begin(), op->operand_end());
  for (Region &region : op->getRegions())
    getUsedValuesDefinedAbove(region, used);
  return used;
}

/// None where an op does more than use buffers.
std::optional<Uses> usesOf(Operation *op) {
  Uses uses;
  if (isa<memref::AllocOp>(op) || isPure(op))
    return uses;
  if (auto load = dyn_cast<memref::LoadOp>(op))
    return Uses{{rootOf(load.getMemRef()), false}};
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  for (Value value : valuesOf(op)) {
    if (!isa<MemRefType>(value.getType()))
      continue;
    bool writes = !linalgOp || llvm::is_contained(linalgOp.getDpsInits(), value);
    uses.push_back({rootOf(value), writes});
  }
  if (uses.empty())
    return std::nullopt;
  return uses;
}

/// The name of the size along a dimension if memory may grow with it.
std::optional<std::string> growingSize(Value memref, int64_t dim) {
  auto type = dyn_cast<MemRefType>(memref.getType());
  if (!type || !type.isDynamicDim(dim))
    return std::nullopt;
  std::optional<std::string> symbol = sizeOf(memref, dim).getSymbol();
  if (!symbol || *symbol == "?")
    return std::nullopt;
  Operation *parent = memref.getParentRegion()->getParentOp();
  auto function = dyn_cast<FunctionOpInterface>(parent);
  if (!function)
    function = parent->getParentOfType<FunctionOpInterface>();
  auto sizes = function ? function->getAttrOfType<DictionaryAttr>(kSizesAttr) : nullptr;
  auto kind = sizes ? dyn_cast_if_present<StringAttr>(sizes.get(*symbol)) : StringAttr();
  if (kind && kind.getValue() == "batch")
    return std::nullopt;
  return symbol;
}

/// The op as one over the rows of `size`, or of the first size that grows where that is empty.
std::optional<RowOp> matchRows(linalg::LinalgOp op, std::string &size) {
  if (!op.hasPureBufferSemantics())
    return std::nullopt;
  SmallVector<AffineMap> maps = op.getIndexingMapsArray();
  std::optional<unsigned> loop;
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps)) {
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      auto walked = dyn_cast<AffineDimExpr>(expr);
      std::optional<std::string> symbol =
          walked ? growingSize(operand, dim) : std::optional<std::string>();
      if (!symbol || (!size.empty() && *symbol != size))
        continue;
      size = *symbol;
      // Pairs of rows are no rows.
      if (loop && *loop != walked.getPosition())
        return std::nullopt;
      loop = walked.getPosition();
    }
  }
  if (!loop)
    return std::nullopt;
  RowOp rows{op, {}, {}};
  for (auto [operand, map] : llvm::zip(op->getOperands(), maps)) {
    int64_t rowDim = -1;
    for (auto [dim, expr] : llvm::enumerate(map.getResults())) {
      if (!expr.isFunctionOfDim(*loop))
        continue;
      if (!isa<AffineDimExpr>(expr) || rowDim >= 0)
        return std::nullopt;
      rowDim = dim;
    }
    rows.rowDims.push_back(rowDim);
  }
  bool countsRows = false;
  op->walk([&](linalg::IndexOp index) { countsRows |= index.getDim() == *loop; });
  if (countsRows)
    return std::nullopt;
  if (op.getIteratorTypesArray()[*loop] == utils::IteratorType::parallel)
    return rows;
  if (auto generic = dyn_cast<linalg::GenericOp>(op.getOperation()))
    rows.combiner = matchCombiner(generic);
  if (!rows.combiner)
    return std::nullopt;
  auto result = cast<MemRefType>(op.getDpsInits()[0].getType());
  if (!result.hasStaticShape() || result.getNumElements() > kSmallResult)
    return std::nullopt;
  return rows;
}

/// Uses of an op of the group; none where it uses one buffer by rows and otherwise too.
std::optional<Uses> usesOf(RowOp rows) {
  std::optional<Uses> all = usesOf(rows.op.getOperation());
  if (!all)
    return std::nullopt;
  for (Use &use : *all) {
    std::optional<int64_t> rowDim;
    bool inBody = true;
    for (auto [operand, dim] : llvm::zip(rows.op->getOperands(), rows.rowDims)) {
      if (!isa<MemRefType>(operand.getType()) || rootOf(operand) != use.root)
        continue;
      inBody = false;
      if (rowDim && *rowDim != dim)
        return std::nullopt;
      rowDim = dim;
    }
    use.rowDim = inBody ? -1 : *rowDim;
    if (inBody && llvm::any_of(*all, [&](const Use &other) {
          return other.root == use.root && other.writes;
        }))
      return std::nullopt;
  }
  return all;
}

/// Views that leave the rows where they are: only dimensions of 1 join the rows or leave them.
bool keepsRows(Value memref) {
  auto areRows = [](ReassociationIndices group, ArrayRef<int64_t> shape) {
    return llvm::all_of(ArrayRef<int64_t>(group).drop_front(),
                        [&](int64_t dim) { return shape[dim] == 1; });
  };
  while (auto view = memref.getDefiningOp<ViewLikeOpInterface>()) {
    Operation *op = view;
    auto expand = dyn_cast<memref::ExpandShapeOp>(op);
    auto collapse = dyn_cast<memref::CollapseShapeOp>(op);
    bool keeps =
        expand
            ? areRows(expand.getReassociationIndices().front(), expand.getResultType().getShape())
        : collapse
            ? areRows(collapse.getReassociationIndices().front(), collapse.getSrcType().getShape())
            : isa<memref::CastOp>(op);
    if (!keeps)
      return false;
    memref = view.getViewSource();
  }
  return true;
}

class Finder {
public:
  Finder(std::string size, bool withSums) : size(std::move(size)), withSums(withSums) {}

  RowGroup find(linalg::LinalgOp first);

private:
  struct Member {
    RowOp rows;
    Uses uses;
  };
  struct Before {
    Operation *op;
    Uses uses;
  };
  std::string size;
  bool withSums;
  SmallVector<Member> members;
  SmallVector<Before> before;
  Uses behind;
  llvm::SmallPtrSet<Operation *, 32> opsBehind;
  /// Whether something else than the end of a buffer stays behind.
  bool anyBehind = false;

  bool needsBehind(Operation *op, const Uses &uses);
  bool joins(linalg::LinalgOp op);
  bool comesBefore(Operation *op, const Uses &uses);
  void keepWhatLeadsToSums();
  RowGroup result();
};

bool Finder::needsBehind(Operation *op, const Uses &uses) {
  return conflict(uses, behind) || llvm::any_of(valuesOf(op), [&](Value value) {
           return value.getDefiningOp() && opsBehind.contains(value.getDefiningOp());
         });
}

bool Finder::joins(linalg::LinalgOp op) {
  std::string wanted = size;
  std::optional<RowOp> rows = matchRows(op, wanted);
  if (!rows || (rows->reduces() && !withSums))
    return false;
  std::optional<Uses> uses = usesOf(*rows);
  if (!uses || needsBehind(op, *uses))
    return false;
  bool shares = withSums || !anyBehind;
  for (const Member &member : members)
    for (const Use &mine : *uses)
      for (const Use &other : member.uses) {
        if (mine.root != other.root)
          continue;
        if (!mine.writes && !other.writes)
          continue;
        shares = true;
        if (mine.rowDim != 0 || other.rowDim != 0)
          return false;
      }
  // An op from behind others comes along where it works on what the group made, or leads to a sum
  // that they may be waiting for. What only reads the same would take its result's memory early.
  if (!shares)
    return false;
  for (auto [operand, rowDim] : llvm::zip(rows->op->getOperands(), rows->rowDims))
    if (rowDim == 0 && !keepsRows(operand))
      return false;
  members.push_back({std::move(*rows), std::move(*uses)});
  return true;
}

/// Views and numbers, room, and small static results that the group does not touch.
bool Finder::comesBefore(Operation *op, const Uses &uses) {
  if (needsBehind(op, uses))
    return false;
  for (const Member &member : members)
    if (conflict(uses, member.uses))
      return false;
  if (isa<memref::AllocOp, memref::LoadOp>(op) || isPure(op))
    return true;
  auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
  return linalgOp && llvm::all_of(op->getOperandTypes(), [](Type type) {
           auto memref = dyn_cast<MemRefType>(type);
           return !memref || (memref.hasStaticShape() && memref.getNumElements() <= kSmallResult);
         });
}

void Finder::keepWhatLeadsToSums() {
  SmallVector<Member> kept;
  for (Member &member : llvm::reverse(members))
    if (member.rows.reduces() ||
        llvm::any_of(kept, [&](const Member &later) { return conflict(member.uses, later.uses); }))
      kept.push_back(std::move(member));
  members.assign(std::make_move_iterator(kept.rbegin()), std::make_move_iterator(kept.rend()));
}

RowGroup Finder::result() {
  RowGroup group;
  llvm::SmallPtrSet<Operation *, 32> needed;
  Uses needs;
  auto need = [&](Operation *op, const Uses &uses) {
    for (Value value : valuesOf(op))
      if (Operation *maker = value.getDefiningOp())
        needed.insert(maker);
    needs.append(uses);
  };
  for (Member &member : members) {
    need(member.rows.op, member.uses);
    group.ops.push_back(std::move(member.rows));
  }
  for (const Before &candidate : llvm::reverse(before))
    if (needed.contains(candidate.op) || conflict(candidate.uses, needs)) {
      need(candidate.op, candidate.uses);
      group.before.push_back(candidate.op);
    }
  std::reverse(group.before.begin(), group.before.end());
  return group;
}

RowGroup Finder::find(linalg::LinalgOp first) {
  for (Operation *op = first; op && !op->hasTrait<OpTrait::IsTerminator>();
       op = op->getNextNode()) {
    std::optional<Uses> uses = usesOf(op);
    if (!uses)
      break;
    auto linalgOp = dyn_cast<linalg::LinalgOp>(op);
    if (linalgOp && joins(linalgOp))
      continue;
    if (comesBefore(op, *uses)) {
      before.push_back({op, *uses});
      continue;
    }
    behind.append(*uses);
    opsBehind.insert(op);
    anyBehind |= !isa<memref::DeallocOp>(op);
  }
  if (withSums && llvm::any_of(members, [](const Member &m) { return m.rows.reduces(); }))
    keepWhatLeadsToSums();
  return result();
}

} // namespace

std::optional<RowGroup> findRowGroup(linalg::LinalgOp first) {
  std::string size;
  if (!matchRows(first, size))
    return std::nullopt;
  RowGroup group = Finder(size, /*withSums=*/true).find(first);
  if (group.ops.size() < 2 || !group.reduces())
    group = Finder(size, /*withSums=*/false).find(first);
  return group;
}

} // namespace attune::tile
