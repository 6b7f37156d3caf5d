import Foundation
public import Records
import Storage

/// The part of a stage's slides that a command works on.
public struct Selection: Sendable {
    /// Only slides whose recorded outcome of the stage is a failure.
    public var fromFailed: Bool
    /// Only slides of this shard; nil takes all.
    public var shard: Shard?

    public init(fromFailed: Bool = false, shard: Shard? = nil) {
        self.fromFailed = fromFailed
        self.shard = shard
    }
}

/// One of several parts of a cohort that machines can work on beside each other, such as 2/8.
///
/// A slide's shard follows from its id alone, so it is the same on every machine, and a slide that is added moves no other.
public struct Shard: Equatable, Sendable, CustomStringConvertible {
    /// From 1 to `count`.
    public let number: Int
    public let count: Int

    /// - Parameter text: `i/n` with 1 ≤ i ≤ n ≤ 100,000; nil for any other.
    public init?(_ text: String) {
        guard let match = text.wholeMatch(of: /(\d{1,6})\/(\d{1,6})/), let number = Int(match.1),
            let count = Int(match.2), (1...100_000).contains(count), (1...count).contains(number)
        else { return nil }
        (self.number, self.count) = (number, count)
    }

    /// By the first 64 bits of the SHA-256 of the id.
    public func contains(_ slide: SlideID) -> Bool {
        let hash = Digest.sha256(Data(slide.text.utf8)).prefix(16)
        return (UInt64(hash, radix: 16) ?? 0) % UInt64(count) == UInt64(number - 1)
    }

    public var description: String { "\(number)/\(count)" }
}

extension Stage {
    /// Whether the command was asked to work on this unit.
    func isSelected(_ unit: Unit) -> Bool {
        if settings.selection.shard?.contains(unit.id) == false { return false }
        guard settings.selection.fromFailed else { return true }
        return Self.outcome(of: unit.id, stage: name, in: layout)?.hasResult == false
    }
}
