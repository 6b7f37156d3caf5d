import CTorch

/// Views, selections and joins.
extension Tensor {
    /// At most one side may be -1: it is worked out.
    public func reshape(_ shape: [Int]) throws(TorchError) -> Tensor {
        let sides = shape.map(Int64.init)
        return try unary { ct_reshape($0, sides, sides.count, $1) }
    }

    public func transpose(_ first: Int, _ second: Int) throws(TorchError) -> Tensor {
        try unary { ct_transpose($0, Int64(first), Int64(second), $1) }
    }

    public func permute(_ dims: [Int]) throws(TorchError) -> Tensor {
        let order = dims.map(Int64.init)
        return try unary { ct_permute($0, order, order.count, $1) }
    }

    public func unsqueeze(_ dim: Int) throws(TorchError) -> Tensor { try unary { ct_unsqueeze($0, Int64(dim), $1) } }

    /// Drops `dim` where its side is 1.
    public func squeeze(_ dim: Int) throws(TorchError) -> Tensor { try unary { ct_squeeze($0, Int64(dim), $1) } }

    /// Repeats sides of 1 without copying; -1 keeps a side.
    public func expand(_ shape: [Int]) throws(TorchError) -> Tensor {
        let sides = shape.map(Int64.init)
        return try unary { ct_expand($0, sides, sides.count, $1) }
    }

    public func select(dim: Int, index: Int) throws(TorchError) -> Tensor {
        try unary { ct_select($0, Int64(dim), Int64(index), $1) }
    }

    public func narrow(dim: Int, start: Int, length: Int) throws(TorchError) -> Tensor {
        try unary { ct_narrow($0, Int64(dim), Int64(start), Int64(length), $1) }
    }

    /// The given rows (or columns, …) in the given order.
    public func indexSelect(dim: Int, _ indices: [Int]) throws(TorchError) -> Tensor {
        try indexSelect(dim: dim, try Tensor(indices: indices, on: device))
    }

    public func indexSelect(dim: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
        try binary(indices) { ct_index_select($0, Int64(dim), $1, $2) }
    }

    public func gather(dim: Int, _ indices: Tensor) throws(TorchError) -> Tensor {
        try binary(indices) { ct_gather($0, Int64(dim), $1, $2) }
    }

    public static func concatenated(_ tensors: [Tensor], dim: Int) throws(TorchError) -> Tensor {
        try withExtendedLifetime(tensors) { () throws(TorchError) in
            try make("concatenated(_:dim:)") { ct_concatenate(tensors.map(\.handle), tensors.count, Int64(dim), $0) }
        }
    }

    /// Along a new dimension.
    public static func stacked(_ tensors: [Tensor], dim: Int) throws(TorchError) -> Tensor {
        try withExtendedLifetime(tensors) { () throws(TorchError) in
            try make("stacked(_:dim:)") { ct_stack(tensors.map(\.handle), tensors.count, Int64(dim), $0) }
        }
    }
}
