/// Why a sample does not have a figure, as it follows "not defined: ".
public struct Undefined: Error, Equatable, Sendable {
    public let reason: String

    init(_ reason: String) { self.reason = reason }
}

/// A figure, or why there is none; a number in it is finite.
public typealias Figure = Result<Double, Undefined>

extension Result where Success == Double, Failure == Undefined {
    /// Not defined where numbers were so large that their squares or products are not.
    static func finite(_ value: Double) -> Figure {
        value.isFinite ? .success(value) : .undefined("the numbers are too large")
    }
}

extension Result where Failure == Undefined {
    static func undefined(_ reason: String) -> Self { .failure(Undefined(reason)) }

    /// nil where it is not defined, as resamples want it.
    public var value: Success? { try? get() }

    /// nil where it is defined.
    public var reason: String? {
        switch self {
        case .success: nil
        case .failure(let undefined): undefined.reason
        }
    }
}
