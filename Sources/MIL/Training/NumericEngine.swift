import Torch

/// LibTorch's settings for a process that computes.
public enum NumericEngine {
    /// - Parameter threads: of one operation; folds and seeds are processes of their own, so 1 is right as a rule.
    public static func prepare(threads: Int) throws {
        try LibTorch.preferLargePages()
        try LibTorch.setThreads(threads)
        try LibTorch.preferOneDNN()
    }

    /// LibTorch's version, such as `2.13.0`.
    public static var version: String { LibTorch.version }
}
