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

    /// What a CUDA device needs to give the same bits again; a CPU needs nothing.
    /// - Throws: `Failure` (usage) where the environment asks for something else.
    static func makeRepeatable(_ device: Device) throws {
        guard device != .cpu else { return }
        do { try LibTorch.makeCUDARepeatable() } catch {
            throw Failure(.usage, error.operation, error.message)
        }
    }

    /// LibTorch's version, such as `2.13.0`.
    public static var version: String { LibTorch.version }
}
