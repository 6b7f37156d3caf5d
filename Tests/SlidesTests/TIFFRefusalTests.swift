import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// TIFFs that are no slide, or none that is read here, and the words for it.
struct TIFFRefusalTests {
    private func image(_ change: (inout MadeTIFF.Image) -> Void = { _ in }) -> MadeTIFF.Image {
        var image = MadeTIFF.Image(100, 75, pixel: tiffWeave)
        change(&image)
        return image
    }

    @Test func whatIsNoColourImageIsRefusedInWords() throws {
        func found(_ change: (inout MadeTIFF.Image) -> Void) throws -> String? {
            if case .format(let found) = try refusalOfTIFF(MadeTIFF([image(change)])) { found } else { nil }
        }
        let grey: (inout MadeTIFF.Image) -> Void = {
            ($0.samples, $0.photometric) = (1, 1)
            $0.pixel = { x, _ in [x] }
        }
        #expect(try found(grey) == "grey, 1 channel of 8 bits")
        #expect(
            try found {
                grey(&$0)
                ($0.samples, $0.pixel) = (3, tiffWeave)
                $0.tags = [338: [0, 0]]
            } == "3 channels of 8 bits"
        )
        #expect(try found { $0.tags = [339: [2, 2, 2]] } == "3 channels of 8 bits, signed")
        #expect(
            try refusalOfTIFF(MadeTIFF([image { $0.compression = 6 }]))
                == .unread(format: "a TIFF in compression 6", wayOut: "convert it: \(UnreadTIFF.conversion)")
        )
        #expect(try found { $0.photometric = 5 } == "3 channels with TIFF photometric 5")
        #expect(try found { $0.photometric = 6 } == "YCbCr in another form than JPEG of 3 components")
        let greys = try refusalOfTIFF(MadeTIFF([image(grey), image(grey), image(grey)]))
        #expect(greys == .format(found: "3 channels"))
        // The user's word makes one channel a picture; where 0 is white it is turned.
        let rules = ReadingRules(acceptsGrey: true)
        for photometric in [0, 1] {
            let made = image {
                grey(&$0)
                $0.photometric = photometric
            }
            try MadeTIFF([made]).use { path in
                let read = try Slide(path: path, rules: rules).read(level: 0, x: 9, y: 0, width: 1, height: 1)
                #expect(read.pixels == Array(repeating: photometric == 1 ? 9 : 246, count: 3))
            }
            #expect(throws: SlideError.format(found: "grey, 1 channel of 8 bits")) {
                try MadeTIFF([made]).use { try Slide(path: $0) }
            }
        }
    }

    @Test func stripsOfTooManyPixelsNameTheWayOut() throws {
        let made = image {
            ($0.width, $0.height, $0.tile, $0.rowsPerStrip) = (20_000, 5001, nil, 5001)
            $0.missing = [0]
        }
        let found = try refusalOfTIFF(MadeTIFF([made]))
        #expect(found == .striped(width: 20_000, height: 5001))
        #expect(found?.message.contains("--tile --pyramid") == true)
    }

    @Test func whatScannersWriteIsNotReadAsAPlainPyramid() throws {
        for description in [
            "level=0 mag=40 quality=90", "<scn xmlns=\"http://www.leica-microsystems.com/scn/2010/10/01\">",
        ] {
            let made = MadeTIFF([image { $0.description = description }])
            let reader = try made.use { try TIFFSlide.open(SlideFiles($0), ReadingRules()) }
            #expect(reader == nil)
        }
        let hamamatsu = MadeTIFF([image { $0.tags = [65_420: [1]] }])
        let reader = try hamamatsu.use { try TIFFSlide.open(SlideFiles($0), ReadingRules()) }
        #expect(reader == nil)
    }
}
