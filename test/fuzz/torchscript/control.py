# A seed: functions, loops, branches, lists and dicts on what is known.
def helper(input: Tensor,
    times: int=2,
    inplace: bool=False) -> Tensor:
  x = input
  for i in range(times):
    if inplace:
      x = torch.relu_(x)
    else:
      x = torch.add(x, i)
  return x
class Net(Module):
  def forward(self: __torch__.Net,
    x: Tensor) -> Dict[str, Tensor]:
    parts = annotate(List[Tensor], [])
    n = torch.len(torch.size(x))
    while torch.gt(n, 1):
      _0 = torch.append(parts, __torch__.helper(x, n, inplace=True))
      n = torch.sub(n, 1)
    if torch.__contains__([1, 2], n):
      y = torch.stack(parts, -1)
    else:
      ops.prim.RaiseException(torch.format("unexpected {}", n), "builtins.ValueError")
      y = uninitialized(Tensor)
    _1 = unchecked_cast(Tensor, (y, None)[0])
    return {"a": _1, "b": self._scale(_1, -1.5e-3)}
  def _scale(self: __torch__.Net,
    x: Tensor,
    by: float) -> Tensor:
    return torch.mul(x, by)
