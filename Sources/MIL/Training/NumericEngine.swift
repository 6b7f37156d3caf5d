import Records
import Torch

/// LibTorch's settings for a process that computes.
public enum NumericEngine {
    /// - Parameter threads: of one operation; folds and seeds are processes of their own, so 1 is right as a rule.
    public static func prepare(threads: Int) throws {
        try LibTorch.preferLargePages()
        try LibTorch.setThreads(threads)
        try LibTorch.preferOneDNN()
    }

    /// Settles what a CUDA device needs to give the same bits again, and has it multiply; a CPU needs nothing.
    /// - Throws: `Failure` (usage) where the environment asks for something else; what the device says where it does not compute, or
    ///   computes wrongly.
    static func open(_ device: Device) throws {
        guard device != .cpu else { return }
        do { try LibTorch.checkCUDAEnvironment() } catch { throw Failure(.usage, error.operation, error.message) }
        do { try LibTorch.open(device) } catch { throw Failure(computing: error, subject: "\(device)") }
    }

    /// LibTorch's version, such as `2.13.0`.
    public static var version: String { LibTorch.version }
}
