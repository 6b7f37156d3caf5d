import CTorch
import Synchronization

/// A device's queue of work of its own, with memory of the host that the device copies from and to by itself.
///
/// On CUDA two threads on two lanes do not wait for each other: one's pixels are on their way while the other's are computed. On a
/// CPU a lane does nothing but copy, and the same code runs.
///
/// `@unchecked Sendable`, because one thread at a time has it: `with` takes it out of those that are idle, and puts it back.
public final class Lane: @unchecked Sendable {
    public let device: Device
    private let handle: OpaquePointer

    /// By device. As many are made as threads want one at once.
    private static let idle = Mutex<[Device: [Lane]]>([:])

    private init(on device: Device) throws(TorchError) {
        self.device = device
        var out: OpaquePointer?
        try check(ct_lane_make(device.code, &out), "Lane")
        guard let out else { throw TorchError("Lane", "the shim returned no lane") }
        handle = out
    }

    deinit { ct_lane_free(handle) }

    /// Runs `body` with a lane, on which everything is computed that it asks of the device. Synchronous, because the queue belongs to
    /// the thread. No tensor that `body` makes may leave it, unless by `handedOver`.
    public static func with<Value>(_ device: Device, _ body: (Lane) throws -> Value) throws -> Value {
        let lane = try idle.withLock { $0[device]?.popLast() } ?? Lane(on: device)
        let value = try lane.run(body)
        // After an error work may still be under way on it, or its device is lost: it is given up, and freed where that is safe.
        idle.withLock { $0[device, default: []].append(lane) }
        return value
    }

    private func run<Value>(_ body: (Lane) throws -> Value) throws -> Value {
        try check(ct_lane_enter(handle), "Lane")
        defer { ct_lane_leave(handle) }
        let value = try body(self)
        try wait()
        return value
    }

    /// Copies row-major elements in the machine's byte order; the device has them when the lane has come so far.
    /// - Throws: `TorchError` where the shape wants another number of bytes.
    public func send(_ bytes: UnsafeRawBufferPointer, _ dtype: DType, shape: [Int]) throws(TorchError) -> Tensor {
        let sides = shape.map(Int64.init)
        return try Tensor.make("send(_:_:shape:)") {
            ct_lane_send(handle, bytes.baseAddress, bytes.count, dtype.code, sides, sides.count, $0)
        }
    }

    /// Waits for the lane alone.
    /// - Returns: the elements, row-major, converted to fp32.
    public func floats(of tensor: Tensor) throws(TorchError) -> [Float] {
        let count = tensor.count
        var status = CTStatus.OK
        let values = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
            status = withExtendedLifetime(tensor) {
                ct_lane_receive(handle, tensor.handle, buffer.baseAddress, count)
            }
            filled = status == .OK ? count : 0
        }
        try check(status, "floats(of:)")
        return values
    }

    /// Waits until all that was given to the lane is done.
    public func wait() throws(TorchError) { try check(ct_lane_wait(handle), "wait()") }
}

extension Tensor {
    /// For a tensor that was made on a lane which was waited for, and is used on this thread's queue from now on: its memory is not
    /// given away before that is done with it, and never where the device is lost.
    public func handedOver() throws(TorchError) -> Tensor {
        try unary { ct_hand_over($0, $1) }
    }
}

extension LibTorch {
    /// Waits until all that this thread has given to a device outside of lanes is done; lanes do not wait for it by themselves.
    public static func wait(for device: Device) throws(TorchError) { try check(ct_wait(device.code), "wait(for:)") }
}
