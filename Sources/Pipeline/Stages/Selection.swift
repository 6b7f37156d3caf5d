import Files
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
    func isSelected(_ unit: Unit) throws -> Bool {
        if settings.selection.shard?.contains(unit.id.slide) == false { return false }
        guard settings.selection.fromFailed else { return true }
        return try Self.outcome(of: unit.id, stage: name, in: layout)?.hasResult == false
    }
}

/// Slides that a command was asked for by their ids.
enum ChosenSlides {
    /// - Parameters:
    ///   - wanted: as they were written: the ids, or those with the ending of the slide's file.
    ///   - predicted: the slides that a model has judged.
    /// - Throws: `Failure`, a usage error, with every one that is not among them.
    static func find(
        _ wanted: Set<SlideID>,
        among predicted: [SlideID],
        of model: TrainingName,
        in layout: JobLayout
    ) throws -> Set<SlideID> {
        let names = SlideNames(predicted)
        let missing = wanted.filter { names.slide(named: $0.text) == nil }.sorted()
        guard let first = missing.first else { return Set(wanted.compactMap { names.slide(named: $0.text) }) }
        let outcome = try layout.record(of: first, stage: .predict(model))
        let reason =
            switch outcome?.status {
            case .empty: "it is empty"
            case .failed, .refused: "it failed: \(outcome?.failure?.message ?? "")"
            case .ok, nil: NameHint.text(missing.map(\.text), slides: predicted) ?? "wsi status lists what is there"
            }
        let shown = missing.map(\.text).shortened
        throw Failure(
            .notFound,
            shown,
            "no prediction of \(model) for \(missing.count == 1 ? "this slide" : "these slides"); \(reason)"
        )
    }
}
