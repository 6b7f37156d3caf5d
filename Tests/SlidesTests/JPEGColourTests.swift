import Foundation
import Imaging
import Records
import Sample
import TestSupport
import Testing

@testable import Slides

/// What JPEG tiles are by their markers and the TIFF's tag, and that they are decoded so.
@Suite struct JPEGColourTests {
    enum Verdict: Character {
        case rgb = "r"
        case yCbCr = "y"
        case refused = "x"
        /// What tag 262 says.
        case tag = "t"
    }

    struct Case: CustomTestStringConvertible {
        var tile: MarkedJPEG
        var sampling: MarkedJPEG.Sampling
        var tag: UInt16
        var verdict: Verdict

        var testDescription: String {
            "Adobe \(tile.adobe.map { "\($0)" } ?? "none"), ids \(tile.ids), \(tile.hasJFIF ? "JFIF" : "no JFIF"), "
                + "\(sampling.rawValue), tag \(tag)"
        }

        /// nil where it is refused.
        var isRGB: Bool? {
            switch verdict {
            case .rgb: true
            case .yCbCr: false
            case .refused: nil
            case .tag: tag == 2
            }
        }

        func file(isRGB: Bool) throws -> TestTIFF {
            var file = TestTIFF(width: MarkedJPEG.side, height: MarkedJPEG.side)
            (file.jpeg, file.jpegPhotometric) = (try tile.stream(isRGB: isRGB, sampling), UInt32(tag))
            return file
        }
    }

    /// For each Adobe transform and component ids: 4:4:4, 4:4:4 with JFIF, 4:2:0, 4:2:0 with JFIF.
    private static let table: [(adobe: UInt8?, ids: [UInt8], verdicts: String)] = [
        (nil, [1, 2, 3], "tyyy"), (nil, [82, 71, 66], "rxxx"), (nil, [0, 1, 2], "tyyy"),
        (0, [1, 2, 3], "rxxx"), (0, [82, 71, 66], "rxxx"), (0, [0, 1, 2], "rxxx"),
        (1, [1, 2, 3], "yyyy"), (1, [82, 71, 66], "yxxx"), (1, [0, 1, 2], "yyyy"),
    ]

    static let cases = table.flatMap { row in
        zip(row.verdicts, [(false, MarkedJPEG.Sampling.full), (true, .full), (false, .half), (true, .half)])
            .flatMap { letter, form in
                [UInt16(2), 6].map { tag in
                    let tile = MarkedJPEG(adobe: row.adobe, ids: row.ids, hasJFIF: form.0)
                    return Case(tile: tile, sampling: form.1, tag: tag, verdict: Verdict(rawValue: letter) ?? .refused)
                }
            }
    }

    /// The middle of the red and of the blue half.
    private func colours(_ path: String, _ rules: ReadingRules = ReadingRules()) throws -> [RGB]? {
        let size = PixelSize(width: MarkedJPEG.side, height: MarkedJPEG.side)
        guard let tiles = JPEGTiles(path: path, size: size, rules: rules) else { return nil }
        var image = RGBImage(width: size.width, height: size.height)
        let isDecoded = image.pixels.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.map { tiles.decode(0, into: $0) } ?? false
        }
        try #require(isDecoded)
        return [image[60, 128], image[196, 128]]
    }

    private func isTrue(_ found: [RGB]?) -> Bool {
        guard let found, found.count == 2 else { return false }
        return zip(found, [MarkedJPEG.red, MarkedJPEG.blue]).allSatisfy { found, wanted in
            zip([found.red, found.green, found.blue], [wanted.red, wanted.green, wanted.blue])
                .allSatisfy { abs(Int($0) - Int($1)) <= 4 }
        }
    }

    private func openSlide(_ path: String, _ rules: ReadingRules = ReadingRules()) throws -> (any SlideReader)? {
        try #require(SlideReading.all.first { $0.name == "OpenSlide" }).open(SlideFiles(path), rules)
    }

    @Test func theTableHasEveryCombination() {
        #expect(Self.cases.count == 72)
        #expect(Self.cases.count { $0.isRGB == nil } == 30)
    }

    @Test(arguments: cases)
    func tilesAreDecodedAsTheyAreOrRefused(_ made: Case) throws {
        if let isRGB = made.isRGB {
            try made.file(isRGB: isRGB).use { (path) throws in
                #expect(isTrue(try colours(path)))
                // OpenSlide follows the tag: the slide is its own only where that is right.
                #expect(try (openSlide(path) != nil) == (isRGB == (made.tag == 2)))
            }
            return
        }
        for isRGB in [true, false] where !(isRGB && made.sampling == .half) {
            try made.file(isRGB: isRGB).use { (path) throws in
                #expect(try colours(path) == nil)
                let error = #expect(throws: SlideError.self) { _ = try Slide(path: path) }
                #expect(error?.code == .slideFormat && error?.message.contains("--jpeg-colour rgb") == true)
                let rules = ReadingRules(jpegColour: isRGB ? .rgb : .yCbCr)
                #expect(isTrue(try colours(path, rules)))
                #expect(try (openSlide(path, rules) != nil) == (isRGB == (made.tag == 2)))
            }
        }
    }

    @Test func aRuleOfTheUsersDecidesAlsoWhatIsNotInDoubt() throws {
        let made = Case(tile: MarkedJPEG(hasJFIF: true), sampling: .full, tag: 6, verdict: .yCbCr)
        try made.file(isRGB: true).use { (path) throws in
            #expect(!isTrue(try colours(path)))
            #expect(isTrue(try colours(path, ReadingRules(jpegColour: .rgb))))
            #expect(try openSlide(path) != nil)
            #expect(try openSlide(path, ReadingRules(jpegColour: .rgb)) == nil)
        }
    }

    @Test func markersOfTheSharedTablesCount() throws {
        let parts = try MarkedJPEG.parts(of: .rgb)
        let stream = [UInt8](parts.stream)
        func evidence(_ tables: Data?) -> JPEGEvidence? { JPEGEvidence(stream, tables: tables.map { [UInt8]($0) }) }
        let plain = try #require(evidence(parts.tables))
        #expect(plain.adobeTransform == nil && plain.componentIDs == Array("RGB".utf8))
        #expect(!plain.hasJFIF && !plain.isSubsampled)
        #expect(evidence(nil) == plain)
        let marked = MarkedJPEG(adobe: 0, hasJFIF: true).markers
        let both = evidence(parts.tables.prefix(2) + marked + parts.tables.dropFirst(2))
        #expect(both?.adobeTransform == 0 && both?.hasJFIF == true)
    }

    @Test func whatIsNoStreamIsNoEvidence() throws {
        let whole = try MarkedJPEG(adobe: 1).stream(isRGB: false, .half)
        let stream = [UInt8](whole)
        let found = try #require(JPEGEvidence(stream, tables: nil))
        #expect(found.isSubsampled && found.adobeTransform == 1)
        let scan = try #require(whole.range(of: Data([0xFF, 0xDA]))).lowerBound
        #expect(JPEGEvidence(Array(stream.prefix(scan + 14)), tables: nil) == found, "no more than the header is read")
        for length in [0, 1, 2, 20, scan] { #expect(JPEGEvidence(Array(stream.prefix(length)), tables: nil) == nil) }
        #expect(JPEGEvidence(stream, tables: stream) == nil && JPEGEvidence(stream, tables: [1, 2, 3]) == nil)
        #expect(JPEGEvidence([UInt8](repeating: 0xFF, count: 4096), tables: nil) == nil)
    }

    @Test func aTransformThatThreeComponentsCannotHaveIsRefused() throws {
        let made = Case(tile: MarkedJPEG(adobe: 2), sampling: .full, tag: 6, verdict: .refused)
        try made.file(isRGB: false).use { (path) throws in
            let error = #expect(throws: SlideError.self) { _ = try Slide(path: path) }
            #expect(error?.message.contains("Adobe's transform 2") == true)
        }
    }
}
