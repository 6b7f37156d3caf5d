import Foundation
import Records
import TestSupport
import Testing

@testable import Evaluation

/// Generated slides: 60 trained on, 99 of the validation part, and others.
@Suite struct BelongingReferenceTests {
    private static let width = 12

    /// Patches of two kinds in shares of the slide's own, with a slide effect.
    private static func bag(_ name: String, _ change: (Int, Double) -> Double = { $1 }) -> Bag {
        var random = CounterRandom(seed: 3, name)
        func normal() -> Double { (0..<12).reduce(-6) { sum, _ in sum + random.uniform() } }
        let effect = (0..<width).map { _ in 0.3 * normal() }
        let share = random.uniform(0.2, 0.6)
        let features = (0..<40).flatMap { _ in
            let kind = random.uniform() < share ? 2.0 : 0
            return (0..<width).map { column in
                Float(change(column, (column % 3 == 0 ? kind : 0) + effect[column] + normal()))
            }
        }
        return Bag(unit: name, parts: [], width: width, features: features)
    }

    private static func reference() throws -> BelongingReference {
        func names(_ word: String, _ count: Int) throws -> [SlideID] {
            try (0..<count).map { try SlideID("\(word)\($0)") }
        }
        return try #require(
            BelongingReference(training: names("t", 60), validation: names("v", 99), fold: 0) { bag($0.text) }
        )
    }

    private func flagged(
        _ count: Int,
        _ reference: BelongingReference,
        _ change: (Int, Double) -> Double = { $1 }
    ) -> Int {
        (0..<count).count { place in
            let found = reference.finding(of: Self.bag("new\(place)", change), fold: 0)
            return Belonging(folds: found.map { [$0] } ?? []).verdict == .unlike
        }
    }

    @Test func shiftsAreFlaggedAndUsualSlidesRarely() throws {
        let reference = try Self.reference()
        // Binomial of 100 with 5 of 100: 99 % lies up to 10.
        #expect(flagged(100, reference) <= 10)
        // Other stain: some features move. Blur: all vary less. Another texture: other features stand out.
        #expect(flagged(40, reference) { $0 % 2 == 0 ? $1 + 1.5 : $1 } >= 38)
        #expect(flagged(40, reference) { 0.4 * $1 } >= 38)
        #expect(flagged(40, reference) { $0 == 1 ? 4 * abs($1) : $1 } >= 38)
    }

    @Test func aFileKeepsIt() throws {
        let (reference, scratch) = (try Self.reference(), try Scratch())
        let fold = FoldFolder(scratch.folder)
        #expect(try BelongingReference(of: fold, width: Self.width) == nil)
        try reference.write(to: fold)
        #expect(try BelongingReference(of: fold, width: Self.width) == reference)
        #expect(throws: MILError.self) { try BelongingReference(of: fold, width: 5) }
    }

    @Test func emptyBagsAndOtherWidthsAreNotJudged() throws {
        let reference = try Self.reference()
        #expect(reference.finding(of: Bag(unit: "e", parts: [], width: Self.width, features: []), fold: 0) == nil)
        #expect(reference.finding(of: Bag(unit: "w", parts: [], width: 2, features: [1, 2]), fold: 0) == nil)
        let slide = try SlideID("alone")
        #expect(BelongingReference(training: [slide], validation: [], fold: 0) { Self.bag($0.text) } == nil)
    }
}
