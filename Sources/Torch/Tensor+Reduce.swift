import CTorch

/// Along one dimension, which goes unless `keep`, or over everything.
extension Tensor {
    public func softmax(dim: Int) throws(TorchError) -> Tensor { try unary { ct_softmax($0, Int64(dim), $1) } }

    public func logSoftmax(dim: Int) throws(TorchError) -> Tensor { try unary { ct_log_softmax($0, Int64(dim), $1) } }

    public func sum(dim: Int, keep: Bool = false) throws(TorchError) -> Tensor {
        try unary { ct_sum($0, Int64(dim), keep, $1) }
    }

    public func sum() throws(TorchError) -> Tensor { try unary(ct_sum_all) }

    public func mean(dim: Int, keep: Bool = false) throws(TorchError) -> Tensor {
        try unary { ct_mean($0, Int64(dim), keep, $1) }
    }

    public func mean() throws(TorchError) -> Tensor { try unary(ct_mean_all) }

    /// Largest values and where they are (int64).
    public func max(dim: Int, keep: Bool = false) throws(TorchError) -> (values: Tensor, indices: Tensor) {
        try pair { ct_max($0, Int64(dim), keep, $1, $2) }
    }

    public func max() throws(TorchError) -> Tensor { try unary(ct_max_all) }

    /// The `count` largest (or smallest) values in order, and where they are (int64).
    ///
    /// The order among equal values differs between devices: where it matters, use `argsort`, which is stable.
    public func topk(
        _ count: Int,
        dim: Int = -1,
        largest: Bool = true
    ) throws(TorchError) -> (values: Tensor, indices: Tensor) {
        try pair { ct_topk($0, Int64(count), Int64(dim), largest, $1, $2) }
    }

    /// The order (int64) that sorts the values; equal values keep theirs.
    public func argsort(dim: Int = -1, descending: Bool = false) throws(TorchError) -> Tensor {
        try unary { ct_argsort($0, Int64(dim), descending, $1) }
    }

    private func pair(
        _ call: (OpaquePointer, Out, Out) -> CTStatus,
        operation: String = #function
    ) throws(TorchError) -> (values: Tensor, indices: Tensor) {
        var second: OpaquePointer?
        let values = try unary({ call($0, $1, &second) }, operation: operation)
        guard let second else { throw TorchError(operation, "the shim returned no tensor") }
        return (values, Tensor(adopting: second))
    }
}
