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
            let error = try refusalOfTIFF(MadeTIFF([image(change)]))
            #expect(error?.code == .slideFormat && error?.message.contains("; ") == true)
            let what = error?.message.split(separator: "; ").first.map(String.init)
            return what?.replacing("the pixels are ", with: "")
                .replacing(", 8-bit RGB in transmitted light is wanted", with: "")
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
        // JPEG as it was before 1995, and JPEG XL.
        for compression in [6, 50_002] {
            #expect(
                try refusalOfTIFF(MadeTIFF([image { $0.compression = compression }]))
                    == .unread(format: "a TIFF in compression \(compression)", wayOut: WayOut.otherCodec)
            )
        }
        #expect(try found { $0.photometric = 5 } == "3 channels of 8 bits and TIFF photometric 5, CMYK")
        #expect(
            try found { $0.photometric = 6 } == "YCbCr in another form than JPEG of 3 components, which is not read"
        )
        let greys = try refusalOfTIFF(MadeTIFF([image(grey), image(grey), image(grey)]))
        #expect(greys == .channels(3, bits: 8))
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
            let refused = #expect(throws: SlideError.self) { try MadeTIFF([made]).use { try Slide(path: $0) } }
            #expect(refused?.message.contains("; accept grey slides with --accept-grey") == true)
        }
    }

    @Test func stripsOfTooManyPixelsNameTheWayOut() throws {
        let made = image {
            ($0.width, $0.height, $0.tile, $0.rowsPerStrip) = (20_000, 5001, nil, 5001)
            $0.missing = [0]
        }
        let found = try refusalOfTIFF(MadeTIFF([made]))
        #expect(found?.code == .slideFormat)
        #expect(found?.message.hasPrefix("the image of 20000 × 5001 pixels lies in strips, which are ") == true)
        #expect(found?.message.hasSuffix("; \(WayOut.conversion)") == true)
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
