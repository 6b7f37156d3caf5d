import CTorch

/// An operation that LibTorch refused.
public struct TorchError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The method that failed, such as `matmul(_:)`.
    public let operation: String
    /// LibTorch's own words, without its C++ stack; may span lines.
    public let message: String

    public init(_ operation: String, _ message: String) {
        self.operation = operation
        self.message = message
    }

    public var description: String { "\(operation): \(message)" }
}

/// Turns a status into an error. The message is per thread, so status and message are read without a suspension between.
func check(_ status: CTStatus, _ operation: String) throws(TorchError) {
    guard status == .OK else { throw TorchError(operation, String(cString: ct_last_error())) }
}
