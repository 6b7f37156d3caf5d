import CTorch

/// Copies, conversions and changes in place.
extension Tensor {
    /// The same values as another type; itself where it is of that type.
    public func to(_ dtype: DType) throws(TorchError) -> Tensor { try unary { ct_to_dtype($0, dtype.code, $1) } }

    /// The same values on another device; itself where it is there.
    public func to(_ device: Device) throws(TorchError) -> Tensor { try unary { ct_to_device($0, device.code, $1) } }

    public func contiguous() throws(TorchError) -> Tensor { try unary(ct_contiguous) }

    public func clone() throws(TorchError) -> Tensor { try unary(ct_clone) }

    /// The same memory without gradient history.
    public func detach() throws(TorchError) -> Tensor { try unary(ct_detach) }

    /// self = source, converted and broadcast. Changes in place; a parameter wants `withoutGrad` around it.
    public func assign(_ source: Tensor) throws(TorchError) {
        try check(withExtendedLifetime(source) { ct_assign(handle, source.handle) }, #function)
    }

    /// self = factor · self, in place.
    public func scale(by factor: Double) throws(TorchError) { try check(ct_scale(handle, factor), #function) }

    /// self = self + factor · other, in place.
    public func accumulate(_ other: Tensor, times factor: Double = 1) throws(TorchError) {
        try check(withExtendedLifetime(other) { ct_accumulate(handle, other.handle, factor) }, #function)
    }

    /// self[indices[i]] += rows[i] in place, for indices (int64) that may say one row several times.
    public func accumulate(rows: Tensor, at indices: Tensor) throws(TorchError) {
        try check(
            withExtendedLifetime((rows, indices)) { ct_accumulate_rows(handle, indices.handle, rows.handle) },
            #function
        )
    }
}
