import CTorch

/// An array of numbers on a device, with its gradient history; a handle of LibTorch's, freed with the object.
///
/// Not `Sendable`: an operation may change history and gradients that two tensors share. What crosses threads is
/// `[Float]` or bytes. Every operation throws `TorchError` with LibTorch's message, for shapes above all.
/// A dimension may be negative and then counts from the end.
public final class Tensor {
    let handle: OpaquePointer

    init(adopting handle: OpaquePointer) { self.handle = handle }

    deinit { ct_tensor_free(handle) }

    /// A tensor of fp32.
    /// - Throws: `TorchError` where the shape wants another number of values.
    public convenience init(_ floats: [Float], shape: [Int], on device: Device = .cpu) throws(TorchError) {
        try self.init(elements: floats, dtype: .float32, shape: shape, on: device)
    }

    public convenience init(int64s: [Int64], shape: [Int], on device: Device = .cpu) throws(TorchError) {
        try self.init(elements: int64s, dtype: .int64, shape: shape, on: device)
    }

    /// One dimension of int64, as selections want it.
    public convenience init(indices: [Int], on device: Device = .cpu) throws(TorchError) {
        try self.init(int64s: indices.map(Int64.init), shape: [indices.count], on: device)
    }

    /// A tensor of bool, as `maskedFill` and `selecting` want it.
    public convenience init(mask: [Bool], shape: [Int], on device: Device = .cpu) throws(TorchError) {
        try self.init(elements: mask.map { $0 ? 1 : 0 as UInt8 }, dtype: .bool, shape: shape, on: device)
    }

    /// Copies row-major elements in the machine's byte order.
    /// - Throws: `TorchError` where the shape wants another number of bytes.
    public convenience init(
        bytes: UnsafeRawBufferPointer,
        dtype: DType,
        shape: [Int],
        on device: Device = .cpu
    ) throws(TorchError) {
        let handle = try Self.adopt("init(bytes:dtype:shape:on:)") {
            let sides = shape.map(Int64.init)
            return ct_from_bytes(bytes.baseAddress, bytes.count, dtype.code, sides, sides.count, device.code, $0)
        }
        self.init(adopting: handle)
    }

    private convenience init<Element: BitwiseCopyable>(
        elements: [Element],
        dtype: DType,
        shape: [Int],
        on device: Device
    ) throws(TorchError) {
        let result = elements.withUnsafeBytes { bytes in
            Result { () throws(TorchError) in
                try Self.adopt("init(_:shape:on:)") {
                    let sides = shape.map(Int64.init)
                    return ct_from_bytes(
                        bytes.baseAddress,
                        bytes.count,
                        dtype.code,
                        sides,
                        sides.count,
                        device.code,
                        $0
                    )
                }
            }
        }
        self.init(adopting: try result.get())
    }

    public static func full(
        _ shape: [Int],
        value: Double,
        dtype: DType = .float32,
        on device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        let sides = shape.map(Int64.init)
        return try make("full(_:value:dtype:on:)") {
            ct_full(value, dtype.code, sides, sides.count, device.code, $0)
        }
    }

    public static func zeros(
        _ shape: [Int],
        dtype: DType = .float32,
        on device: Device = .cpu
    ) throws(TorchError) -> Tensor { try full(shape, value: 0, dtype: dtype, on: device) }

    public var shape: [Int] { (0..<ct_rank(handle)).map { Int(ct_size(handle, $0)) } }
    /// Number of elements.
    public var count: Int { Int(ct_count(handle)) }
    public var dtype: DType { DType(code: ct_dtype(handle)) }
    public var device: Device { Device(code: ct_device(handle)) }

    /// The elements, row-major, converted to fp32.
    public func floats() throws(TorchError) -> [Float] { try elements(dtype: .float32, of: Float.self, "floats()") }

    /// The elements, row-major.
    /// - Throws: `TorchError` for a tensor of fractions, which would be cut off silently.
    public func int64s() throws(TorchError) -> [Int64] {
        guard [.int64, .uint8, .bool].contains(dtype) else {
            throw TorchError("int64s()", "the tensor holds \(dtype), not whole numbers")
        }
        return try elements(dtype: .int64, of: Int64.self, "int64s()")
    }

    /// The only element.
    public func item() throws(TorchError) -> Float {
        let values = try floats()
        guard values.count == 1 else { throw TorchError("item()", "one element is wanted, the shape is \(shape)") }
        return values[0]
    }

    private func elements<Element: BitwiseCopyable>(
        dtype: DType,
        of _: Element.Type,
        _ operation: String
    ) throws(TorchError) -> [Element] {
        let count = count
        var status = CTStatus.OK
        let values = [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            status = ct_copy_out(handle, dtype.code, buffer.baseAddress, count * MemoryLayout<Element>.stride)
            filled = status == .OK ? count : 0
        }
        try check(status, operation)
        return values
    }
}

@available(*, unavailable) extension Tensor: Sendable {}

/// What an operator of the shim writes its result to.
typealias Out = UnsafeMutablePointer<OpaquePointer?>

extension Tensor {
    private static func adopt(_ operation: String, _ call: (Out) -> CTStatus) throws(TorchError) -> OpaquePointer {
        var out: OpaquePointer?
        try check(call(&out), operation)
        guard let out else { throw TorchError(operation, "the shim returned no tensor") }
        return out
    }

    static func make(_ operation: String, _ call: (Out) -> CTStatus) throws(TorchError) -> Tensor {
        Tensor(adopting: try adopt(operation, call))
    }

    /// An operator of one tensor. Like the next two, it keeps its operands alive while the shim reads their handles.
    func unary(
        _ call: (OpaquePointer, Out) -> CTStatus,
        operation: String = #function
    ) throws(TorchError) -> Tensor {
        try withExtendedLifetime(self) { () throws(TorchError) in try Self.make(operation) { call(handle, $0) } }
    }

    func binary(
        _ other: Tensor,
        _ call: (OpaquePointer, OpaquePointer, Out) -> CTStatus,
        operation: String = #function
    ) throws(TorchError) -> Tensor {
        try withExtendedLifetime((self, other)) { () throws(TorchError) in
            try Self.make(operation) { call(handle, other.handle, $0) }
        }
    }

    /// An operator with a second operand and two that may be absent.
    func quaternary(
        _ other: Tensor,
        _ third: Tensor?,
        _ fourth: Tensor? = nil,
        operation: String = #function,
        _ call: (OpaquePointer, OpaquePointer, OpaquePointer?, OpaquePointer?, Out) -> CTStatus
    ) throws(TorchError) -> Tensor {
        try withExtendedLifetime((self, other, third, fourth)) { () throws(TorchError) in
            try Self.make(operation) { call(handle, other.handle, third?.handle, fourth?.handle, $0) }
        }
    }
}
