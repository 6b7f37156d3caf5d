import Foundation
import Records
import Storage
import TestSupport
import Testing

@testable import Imaging
@testable import Sample

@Suite struct PyramidWriterTests {
    private let scratch: Scratch
    private var folder: URL { scratch.folder }

    init() throws { scratch = try Scratch() }

    private func picture(_ width: Int, _ height: Int) throws -> PixelArray {
        var bytes: [UInt8] = []
        for y in 0..<height {
            for x in 0..<width { bytes += [UInt8(x % 256), UInt8(y % 256), UInt8((x + y) % 256)] }
        }
        return try PixelArray(size: PixelSize(width: width, height: height), bytes: bytes)
    }

    @Test func threeLevelsOfJPEGTilesAreMarkedAsAperio() throws {
        let file = folder.appending(path: "slide.svs")
        try PyramidWriter.write(try picture(1030, 600), to: file)
        let levels = try TIFFDirectory.all(of: file)
        #expect(levels.map { $0.numbers[256]?.first } == [1030, 257, 64])
        #expect(levels.map { $0.numbers[257]?.first } == [600, 150, 37])
        #expect(levels.map { $0.numbers[322]?.first } == [256, 256, 256])
        #expect(levels.map { $0.numbers[259]?.first } == [7, 7, 7])
        #expect(levels.map { $0.numbers[324]?.count } == [15, 2, 1])
        #expect(levels.map { $0.numbers[254]?.first } == [0, 1, 1])
        #expect(levels.allSatisfy { $0.text[270]?.hasPrefix("Aperio") == true })
        #expect(levels.first?.text[270]?.hasSuffix("|AppMag = 20|MPP = 0.5") == true)
        #expect(levels.allSatisfy { $0.numbers[306] == nil })
    }

    @Test func everyChoiceOfLayoutReachesTheTags() throws {
        let file = folder.appending(path: "slide.tiff")
        let options = PyramidOptions(
            tileSize: 240,
            levels: 2,
            factor: 2,
            colour: .yCbCr420,
            description: .none,
            resolution: .perCentimetre(20000)
        )
        try PyramidWriter.write(try picture(500, 300), to: file, options: options)
        let levels = try TIFFDirectory.all(of: file)
        #expect(levels.map { $0.numbers[322]?.first } == [240, 240])
        #expect(levels.map { $0.numbers[530] ?? [] } == [[2, 2], [2, 2]])
        #expect(levels.map { $0.numbers[296]?.first } == [3, 3])
        #expect(levels.map { $0.numbers[282]?.first } == [20000, 10000])
        #expect(levels.allSatisfy { $0.text[270] == nil })

        let components = folder.appending(path: "rgb.tiff")
        try PyramidWriter.write(try picture(100, 100), to: components, options: .init(levels: 1, colour: .rgb))
        #expect(try TIFFDirectory.all(of: components).map { $0.numbers[262]?.first } == [2])
    }

    @Test func aBigTIFFCarriesItsOwnVersion() throws {
        let file = folder.appending(path: "big.tiff")
        try PyramidWriter.write(try picture(64, 64), to: file, options: .init(levels: 1, bigTIFF: true))
        #expect(try Data(contentsOf: file).prefix(4) == Data([0x49, 0x49, 43, 0]))
    }

    @Test func equalPixelsGiveEqualBytes() throws {
        let files = ["a.svs", "b.svs"].map { folder.appending(path: $0) }
        for file in files { try PyramidWriter.write(try picture(300, 200), to: file, options: .init(levels: 2)) }
        #expect(try Data(contentsOf: files[0]) == Data(contentsOf: files[1]))
    }

    @Test func aReducedPixelIsTheRoundedMeanOfItsBlock() {
        var average = AreaAverage(size: PixelSize(width: 1, height: 1), factor: 2)
        let rows: [[UInt8]] = [[10, 0, 255, 20, 0, 255, 99, 99, 99], [30, 1, 255, 41, 1, 254, 99, 99, 99]]
        for row in rows { row.withUnsafeBufferPointer { average.add(row: $0) } }
        #expect(average.bytes == [25, 1, 255])
    }

    @Test func senselessOptionsAreRefusedBeforeAFileAppears() throws {
        let file = folder.appending(path: "slide.svs")
        let image = try picture(100, 100)
        for options in [
            PyramidOptions(tileSize: 100), PyramidOptions(levels: 5), PyramidOptions(factor: 1),
            PyramidOptions(quality: 0),
        ] {
            #expect(throws: SampleError.self) { try PyramidWriter.write(image, to: file, options: options) }
        }
        #expect(throws: SampleError.self) { try PixelArray(size: PixelSize(width: 2, height: 2), bytes: [0]) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
    }
}
