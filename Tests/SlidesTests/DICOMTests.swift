import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Slides in DICOM that are read as they should be.
@Suite struct DICOMTests {
    private static let plain = MadeDICOM.level(150, 100)

    private static let forms: [String: TestDICOM] = {
        var implicit = plain
        implicit.transferSyntax = TestDICOM.implicit
        var open = plain
        open.hasOpenSequences = true
        var openImplicit = implicit
        openImplicit.hasOpenSequences = true
        return [
            "explicit": plain, "implicit": implicit, "open": open, "open, implicit": openImplicit,
            "planar": MadeDICOM.stored(plain, as: "RGB", isPlanar: true),
            "brightness and colour": MadeDICOM.stored(plain, as: "YBR_FULL"),
            "run length": MadeDICOM.runLength(plain),
            "run length, brightness and colour": MadeDICOM.runLength(MadeDICOM.stored(plain, as: "YBR_FULL")),
        ]
    }()

    private func furthest(_ pixels: [UInt8], _ others: [UInt8]) -> Int {
        guard pixels.count == others.count else { return 256 }
        return zip(pixels, others).map { abs(Int($0) - Int($1)) }.max() ?? 256
    }

    @Test(arguments: forms.keys.sorted())
    func everyWayOfStoringSamplesGivesTheSamePixels(name: String) throws {
        let made = try MadeDICOM(["a.dcm": #require(Self.forms[name])])
        let slide = try made.open("a.dcm")
        #expect(slide.vendor == "dicom" && slide.size == PixelSize(width: 150, height: 100))
        let limit = name.contains("colour") ? 1 : 0
        #expect(furthest(try slide.whole(), MadeDICOM.pixels(width: 150, height: 100)) <= limit)
    }

    @Test(arguments: [TestDICOM.Offsets.none, .basic, .extended], [1, 3])
    func framesAreFoundByEveryTableAndWithoutOne(offsets: TestDICOM.Offsets, pieces: Int) throws {
        var file = try MadeDICOM.jpeg(Self.plain)
        (file.offsets, file.pieces) = (offsets, offsets == .extended ? 1 : pieces)
        let slide = try MadeDICOM(["a.dcm": file]).open("a.dcm")
        #expect(furthest(try slide.whole(), MadeDICOM.pixels(width: 150, height: 100)) <= 40)
        let other = try MadeDICOM(["a.dcm": MadeDICOM.jpeg(Self.plain)]).open("a.dcm")
        #expect(try slide.whole() == other.whole())
    }

    @Test func aTableThatLiesIsNotUsed() throws {
        let file = try MadeDICOM.jpeg(Self.plain)
        var data = file.data()
        let item = Data([0xFE, 0xFF, 0x00, 0xE0, 24, 0, 0, 0])
        let table = try #require(data.range(of: item)?.upperBound)
        data[table + 20] ^= 3
        let made = try MadeDICOM([:])
        try made.write(data, "a.dcm")
        let honest = try MadeDICOM(["a.dcm": file])
        #expect(try made.open("a.dcm").whole() == honest.open("a.dcm").whole())
    }

    @Test func aFrameOfJPEG2000IsItsPixels() throws {
        var file = TestDICOM(instance: "1.2.5", width: 32, height: 32)
        (file.transferSyntax, file.photometric) = (TestDICOM.jpeg2000, "YBR_RCT")
        (file.tileWidth, file.tileHeight) = (32, 32)
        file.frames = [try #require(Data(base64Encoded: Self.codestream))]
        let pixels = try MadeDICOM(["a.dcm": file]).open("a.dcm").whole()
        let wanted = (0..<1024).flatMap { $0 % 32 < 16 ? [UInt8](arrayLiteral: 200, 100, 60) : [60, 100, 200] }
        #expect(pixels == wanted)
    }

    @Test(arguments: [true, false])
    func framesThatSayWhereTheyLieLieThereAndTheOthersAreBackground(hasOrganization: Bool) throws {
        var file = Self.plain
        // The third column is narrow, and the fifth tile is missing.
        let order = [5, 0, 3, 1, 2]
        file.organization = hasOrganization ? "TILED_SPARSE" : nil
        file.frames = order.map { Self.plain.frames[$0] }
        file.places = order.map { (column: $0 % 3 * 64 + 1, row: $0 / 3 * 64 + 1) }
        file.absentPixel = [0xFFFF, 0x8080, 0x8080]
        let slide = try MadeDICOM(["a.dcm": file]).open("a.dcm")
        let read = try slide.readWithAlpha(level: 0, x: 0, y: 0, width: 150, height: 100)
        let wanted = MadeDICOM.pixels(width: 150, height: 100)
        for (x, y) in [(0, 0), (63, 63), (64, 63), (149, 0), (149, 99), (10, 99)] {
            let at = (y * 150 + x) * 3
            #expect(Array(read.image.pixels[at..<(at + 3)]) == Array(wanted[at..<(at + 3)]), "\(x), \(y)")
        }
        #expect(read.image[64, 64] == .white && read.image[127, 99] == .white)
        #expect(read.alpha[64 * 150 + 64] == 0 && read.alpha[64 * 150 + 63] == 255)
    }

    @Test func theColourOfAbsentPixelsIsTheFiles() {
        #expect(RGB(absentPixel: [0xFFFF, 0x8080, 0x8080]) == .white)
        #expect(RGB(absentPixel: [0, 0x8080, 0x8080]) == RGB(0, 0, 0))
        // sRGB's red is L* 54.29, a* 80.8, b* 69.9 of D50.
        #expect(RGB(absentPixel: [35_580, 53_666, 50_860]) == RGB(255, 0, 0))
        #expect(RGB(absentPixel: [1, 2]) == nil)
    }

    @Test func partsOfOneLevelAreOneLevel() throws {
        func part(_ frames: Range<Int>, _ instance: String) -> TestDICOM {
            var file = Self.plain
            file.instance = instance
            file.frames = Array(Self.plain.frames[frames])
            file.concatenation = ("1.2.9", frames.lowerBound)
            return file
        }
        var files = ["z": part(0..<2, "1.8"), "m": part(2..<5, "1.9"), "a": part(5..<6, "1.7")]
        files["level"] = MadeDICOM.level(75, 50, factor: 2)
        let made = try MadeDICOM(files)
        let slide = try made.open("a")
        #expect(slide.levels.map(\.size.width) == [150, 75])
        #expect(try slide.whole() == MadeDICOM.pixels(width: 150, height: 100))
        try FileManager.default.removeItem(at: made.scratch.file("m"))
        #expect(made.refusal("a")?.message.contains("a part of its level of 150 × 100 pixels is missing") == true)
    }

    @Test func whatIsSaidOfAPixelIsTakenAndADifferenceTold() throws {
        var file = Self.plain
        file.spacing = ("0.00025", "0.000251")
        file.volume = (0.25 * 0.15, 0.25 * 0.1)
        (file.objectivePower, file.profile) = ("40", Data("profile.".utf8))
        let slide = try MadeDICOM(["a.dcm": file]).open("a.dcm")
        #expect(slide.facts.mppX == 0.251 && slide.facts.mppY == 0.25 && slide.facts.objectivePower == 40)
        #expect(slide.facts.hasICCProfile && slide.notes.isEmpty)
        #expect(try slide.reader?.iccProfile() == Array("profile.".utf8))
        file.volume = (0.3 * 0.15, 0.3 * 0.1)
        let doubtful = try MadeDICOM(["a.dcm": file]).open("a.dcm")
        #expect(doubtful.facts.mppX == 0.251)
        #expect(
            doubtful.notes == [
                "its PixelSpacing means 0.251 µm per pixel and is taken, its ImagedVolumeWidth and Height would mean 0.3"
            ]
        )
        file.spacing = nil
        let volume = try MadeDICOM(["a.dcm": file]).open("a.dcm")
        #expect(abs((volume.facts.mppX ?? 0) - 0.3) < 1e-6 && volume.notes.isEmpty)
    }

    /// Stored in every way that colours are: the left half 200, the right one 80.
    private static let greys: [String: TestDICOM] = {
        let plain = Data((0..<1024).map { $0 % 32 < 16 ? 200 : 80 })
        let packed = (0..<32).reduce(Data()) { packed, _ in packed + [241, 200, 241, 80] }
        let head = [1, 64].flatMap { [UInt8($0), 0, 0, 0] } + [UInt8](repeating: 0, count: 56)
        let frames: [(String, Data?)] = [
            (TestDICOM.explicit, plain), (TestDICOM.runLength, Data(head) + packed),
            (TestDICOM.jpeg, Data(base64Encoded: greyJPEG)), (TestDICOM.jpeg2000, Data(base64Encoded: greyCodestream)),
        ]
        return Dictionary(
            uniqueKeysWithValues: frames.map { syntax, frame in
                var file = TestDICOM(instance: "1.2.5", width: 32, height: 32, frames: [frame ?? Data()])
                (file.transferSyntax, file.photometric, file.samples) = (syntax, "MONOCHROME2", 1)
                (file.tileWidth, file.tileHeight) = (32, 32)
                return (syntax, file)
            }
        )
    }()

    @Test(arguments: greys.keys.sorted())
    func greyIsTakenOnlyWhereItIsWantedHoweverItIsStored(syntax: String) throws {
        let made = try MadeDICOM(["a.dcm": #require(Self.greys[syntax])])
        // The words of a TIFF.
        let words = SlideError.pixels("grey, 1 channel of 8 bits", wayOut: WayOut.grey).message
        #expect(made.refusal("a.dcm")?.message == words && made.refusal("a.dcm")?.code == .slideFormat)
        let slide = try made.open("a.dcm", rules: ReadingRules(acceptsGrey: true))
        let wanted = (0..<1024).flatMap { [UInt8](repeating: $0 % 32 < 16 ? 200 : 80, count: 3) }
        #expect(furthest(try slide.whole(), wanted) <= (syntax == TestDICOM.jpeg ? 1 : 0))
    }

    @Test func aJPEGOfAnotherNumberOfComponentsThanItsFileSaysIsRefused() throws {
        var grey = try #require(Self.greys[TestDICOM.jpeg])
        (grey.photometric, grey.samples) = ("YBR_FULL_422", 3)
        let made = try MadeDICOM(["a.dcm": grey])
        let words = made.refusal("a.dcm")?.message
        #expect(words?.hasPrefix("its JPEG tiles have 1 component(s) where three are said") == true)
        var colour = try MadeDICOM.jpeg(Self.plain)
        (colour.photometric, colour.samples) = ("MONOCHROME2", 1)
        let other = try MadeDICOM(["a.dcm": colour]).refusal("a.dcm", rules: ReadingRules(acceptsGrey: true))
        #expect(other?.message.hasPrefix("its JPEG tiles have 3 component(s) where one is said") == true)
    }

    @Test func aFileThatSaysItsClassInItsFirstGroupAloneIsRead() throws {
        var file = Self.plain
        file.planted = [TestDICOM.Planted(0x0002_0002, "UI", file.sopClass ?? "")]
        file.sopClass = nil
        #expect(try MadeDICOM(["a.dcm": file]).open("a.dcm").whole() == MadeDICOM.pixels(width: 150, height: 100))
        file.planted = []
        #expect(try MadeDICOM(["a.dcm": file]).refusal("a.dcm")?.message.contains("no whole slide image") == true)
    }

    /// 32 × 32 pixels, the left half (200, 100, 60), the right half (60, 100, 200).
    private static let codestream =
        "/0//UQAvAAAAAAAgAAAAIAAAAAAAAAAAAAAAIAAAACAAAAAAAAAAAAADBwEBBwEBBwEB/1IADAAAAAEBAgQEAAH/XAAKQEBISFBISFD/kAAKAAAAAAC7AAH/"
        + "k8HyDBFQVK/5zYAAAYSEf8+0tCc1DvyAr2kkjP7B0gRIJB6QBgQU9pR5sQgXpi/FAE/EFGFmNaLuqkFRNyvHqs+0lBQASngoBzpIPKAAAZZqofikJtWc1n/v"
        + "kyU3SBgWY1pBfZnQFH+Ax9ocACFuDRi+ZC1gUEkMP2x/x9oYACIaDxi+ZC1gUEkMGoDH2hoANfI/44qTtAMJAsR4f8faGgA2nkHjipO0AwkCxHh//9k="

    private static let greyJPEG =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAMCAgMCAgMDAwMEAwMEBQgFBQQEBQoHBwYIDAoMDAsKCwsNDhIQDQ4RDgsLEBYQERMUFRUVDA8XGBYUGBIUFRT/"
        + "wAALCAAgACABAREA/8QAFgABAQEAAAAAAAAAAAAAAAAAAAkI/8QAFBABAAAAAAAAAAAAAAAAAAAAAP/aAAgBAQAAPwDYAl+KgCX4qAJfioAl+P/Z"

    private static let greyCodestream =
        "/0//UQApAAAAAAAgAAAAIAAAAAAAAAAAAAAAIAAAACAAAAAAAAAAAAABBwEB/1IADAAAAAEAAgQEAAH/XAAKQEBISFBISFD/ZAAlAAFDcmVhdGVkIGJ5IE9w"
        + "ZW5KUEVHIHZlcnNpb24gMi41LjT/kAAKAAAAAABWAAH/k8+0lBQASnhFmQRZjJgAAMs1UAMwMlA8qLI5yEtRVQGegB4/wXHmCX/H2hoAIhoPIy4yFrJWhVE4"
        + "R8PqCwA2nkGquwpwAwj/f//Z"
}
