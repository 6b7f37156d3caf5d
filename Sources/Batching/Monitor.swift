import Foundation

/// A value that threads share, and whose changes they can wait for.
///
/// `@unchecked Sendable`, because the value is touched under the condition's lock alone.
final class Monitor<Value>: @unchecked Sendable {
    enum Answer<Result> {
        case found(Result)
        /// For a change, or for so long.
        case wait(Duration?)
    }

    private let condition = NSCondition()
    private var value: Value

    init(_ value: sending Value) { self.value = value }

    func change<Result>(_ body: (inout Value) throws -> Result) rethrows -> Result {
        try wait { .found(try body(&$0)) }
    }

    /// Asks `body`, and after every change again, until it has found something.
    func wait<Result>(_ body: (inout Value) throws -> Answer<Result>) rethrows -> Result {
        condition.lock()
        defer {
            condition.broadcast()
            condition.unlock()
        }
        while true {
            switch try body(&value) {
            case .found(let result): return result
            case .wait(nil): condition.wait()
            case .wait(let time?): _ = condition.wait(until: Date(timeIntervalSinceNow: time / .seconds(1)))
            }
        }
    }
}
