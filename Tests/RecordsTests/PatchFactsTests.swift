import Files
import Foundation
import Records
import Testing

@Suite struct PatchFactsTests {
    private let encoder = PatchFacts.Encoder(name: "uni", digest: "aa", preprocessing: "input 224", licence: "MIT")

    private func facts(_ mpp: Double?, side: Int? = 256) -> PatchFacts {
        PatchFacts(mpp: mpp, side: side, encoder: encoder)
    }

    private func members(_ first: PatchFacts, _ second: PatchFacts) -> [Mismatch.Member] {
        first.mismatches(with: second).map(\.member)
    }

    @Test func scalesWithinFivePercentAreOneScale() {
        #expect(members(facts(0.5), facts(0.499)).isEmpty)
        #expect(members(facts(0.5), facts(0.524)).isEmpty && members(facts(0.524), facts(0.5)).isEmpty)
        #expect(
            facts(1).mismatches(with: facts(0.5)) == [Mismatch(member: .scale, first: "1 µm", second: "0.5 µm")]
        )
        #expect(members(facts(0.5), facts(0.526)) == [.scale] && members(facts(0.526), facts(0.5)) == [.scale])
    }

    @Test func anotherSideIsAMismatchInPixelsOrWhereOnlyThatIsKnownInMicrons() {
        #expect(members(facts(0.5, side: 224), facts(0.5)) == [.side])
        let stamp = PatchFacts(extent: 256)
        #expect(members(stamp, facts(0.5)) == [.side])
        #expect(members(PatchFacts(extent: 128), facts(0.5)).isEmpty)
    }

    @Test func whatIsNotSaidContradictsNothingAndIsNamed() {
        #expect(members(PatchFacts(), facts(0.5)).isEmpty && members(facts(0.5), PatchFacts()).isEmpty)
        #expect(PatchFacts().unsaid(beside: facts(0.5)) == [.scale, .side, .encoder])
        #expect(PatchFacts().unsaid(beside: PatchFacts()).isEmpty)
        // A name is something to compare with a name.
        #expect(
            PatchFacts(encoder: PatchFacts.Encoder(name: "uni")).unsaid(beside: PatchFacts(encoder: encoder)).isEmpty
        )
    }

    @Test func encodersAreToldApartByTheirDigestsElseByTheirNames() {
        var other = facts(0.5)
        other.encoder.digest = "bb"
        #expect(members(facts(0.5), other) == [.encoder])
        (other.encoder.digest, other.encoder.name) = ("aa", "renamed")
        #expect(members(facts(0.5), other).isEmpty)
        other.encoder.digest = nil
        #expect(members(facts(0.5), other) == [.encoder])
        other.encoder = encoder
        other.encoder.preprocessing = "input 448"
        #expect(members(facts(0.5), other) == [.preprocessing])
        #expect(!Mismatch(member: .encoder, first: "a", second: "b").isOfScale)
    }

    @Test func coloursByAProfileAreNotThoseThatAreStored() throws {
        var converted = facts(0.5)
        converted.colour = .icc
        #expect(
            converted.mismatches(with: facts(0.5)) == [Mismatch(member: .colour, first: "icc", second: "stored")]
        )
        #expect(members(PatchFacts(), converted) == [.colour], "who says nothing has stored ones")
        #expect(members(converted, converted).isEmpty && !Mismatch(member: .colour, first: "", second: "").isOfScale)
        #expect(PatchFacts.consensus([converted, converted, facts(0.5)]).colour == .icc)
        #expect(PatchFacts.consensus([converted, facts(0.5), facts(0.5)]).colour == nil)
        let text = String(decoding: try CanonicalJSON.line(facts(0.5)), as: UTF8.self)
        #expect(!text.contains("colour"), "cards of models stay the bytes that they were")
    }

    @Test func mostSlidesSayWhatIsRight() {
        let all = Array(repeating: facts(0.5), count: 28) + Array(repeating: facts(1), count: 4)
        let consensus = PatchFacts.consensus(all)
        #expect(consensus.mpp == 0.5 && consensus.side == 256 && consensus.encoder == encoder)
        #expect(all.filter { !$0.mismatches(with: consensus).isEmpty }.count == 4)
        #expect(PatchFacts.consensus([]) == PatchFacts())
    }

    @Test func factsSurviveJSONAndMayBeAbsent() throws {
        var full = facts(0.5)
        full.onSlide = PatchFacts.OnSlide(
            size: PixelSize(width: 10, height: 20),
            side: 512,
            sideOrigin: .inferred,
            step: 256
        )
        #expect(try JSONDecoder().decode(PatchFacts.self, from: JSONEncoder().encode(full)) == full)
        let empty = Data(#"{"encoder": {}, "on_slide": {}}"#.utf8)
        #expect(try JSONDecoder().decode(PatchFacts.self, from: empty) == PatchFacts())
    }
}

@Suite struct PatchPlacesTests {
    /// 6 × 4 patches that touch.
    private func grid(step: Int = 256, x: Int = 0, y: Int = 0) -> [PixelPoint] {
        (0..<24).map { PixelPoint(x: x + $0 % 6 * step, y: y + $0 / 6 * step) }
    }

    private let size = PixelSize(width: 1600, height: 1100)

    private func faults(_ corners: [PixelPoint], step: Int? = nil, stated: PixelSize? = nil) -> [PlacementFault] {
        PatchFacts.OnSlide(size: stated, side: 256, sideOrigin: .stated, step: step).faults(of: corners, on: size)
    }

    @Test func patchesMayReachBeyondTheRightAndBottomEdge() {
        #expect(faults(grid(x: 319, y: 331), step: 256, stated: size).isEmpty)
    }

    @Test func patchesThatDoNotBeginOnTheSlideAreNoneOfIt() {
        let shifted = faults(grid(x: 320))
        #expect(shifted == [.offSlide(4, of: 24, example: PixelPoint(x: 1600, y: 0), size: size)])
        #expect(faults(grid(x: 100_000)).count == 1)
        #expect(faults(grid(x: -1, y: 0)).count == 1)
        let swapped = grid().map { PixelPoint(x: $0.y, y: $0.x) }
        #expect(faults(swapped) == [.offSlide(4, of: 24, example: PixelPoint(x: 0, y: 1280), size: size)])
    }

    @Test func aSlideOfAnotherSizeIsAnotherSlide() {
        let doubled = PixelSize(width: 3200, height: 2200)
        #expect(faults(grid(), stated: doubled) == [.size(stated: doubled, slide: size)])
    }

    @Test func theFilesOwnWordIsEnoughWhereTheSlideIsNotKnown() {
        let own = PatchFacts.OnSlide(size: size, side: 256, sideOrigin: .stated)
        #expect(own.faults(of: grid(x: 100_000), on: nil).count == 1)
        #expect(PatchFacts.OnSlide().faults(of: grid(x: -9), on: nil).isEmpty)
    }

    @Test func spacingContradictsTheSideAndOverlapOfTheFile() {
        #expect(faults(grid(step: 128), step: 256) == [.spacing(128, stated: 256)])
        #expect(faults(grid(step: 256), step: 512) == [.spacing(256, stated: 512)])
        #expect(faults(grid(step: 200), step: 256) == [.spacing(200, stated: 256)])
        // Programs round; and sparse patches are some steps apart.
        #expect(faults(grid(step: 255), step: 256).isEmpty)
        #expect(PatchSpacing(grid(step: 768))?.contradicts(step: 256) == false)
    }

    @Test func theUsualDistanceOfNeighboursIsTheirStep() {
        #expect(PatchSpacing(grid())?.step == 256 && PatchSpacing(grid())?.share == 1)
        #expect(PatchSpacing([PixelPoint(x: 3, y: 4)]) == nil)
        #expect(PatchSpacing([PixelPoint(x: 0, y: 0), PixelPoint(x: 7, y: 9)]) == nil)
    }

    @Test func halvedCoordinatesCoverAQuarterOfTheTissue() throws {
        let same = try #require(PatchOverlap(grid(), side: 256, with: grid(), side: 256))
        #expect(same.touching == 1 && same.covered == 1 && !same.isDoubtful)
        let halved = grid().map { PixelPoint(x: $0.x / 2, y: $0.y / 2) }
        let quarter = try #require(PatchOverlap(halved, side: 128, with: grid(), side: 256))
        #expect(quarter.covered == 0.25 && quarter.isDoubtful)
        let away = try #require(PatchOverlap(grid(x: 10_000), side: 256, with: grid(), side: 256))
        #expect(away.touching == 0 && away.covered == 0 && away.isDoubtful)
        #expect(PatchOverlap([], side: 256, with: grid(), side: 256) == nil)
    }
}
