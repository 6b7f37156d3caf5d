import Foundation
import Records
import TestSupport
import Testing

@testable import Slides

struct OMEPixelTests {
    private let size = PixelSize(width: 200, height: 130)

    private func xml(_ pixels: String) -> String {
        """
        <?xml version="1.0" encoding="UTF-8"?><!-- Warning: this comment is an OME-XML metadata block -->
        <OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06"><Image ID="Image:0"><Pixels SizeC="3" \(pixels)/></Image></OME>
        """
    }

    private func image(_ attributes: String) -> String { xml(#"SizeX="200" SizeY="130" \#(attributes)"#) }

    @Test(arguments: [
        (#"PhysicalSizeX="0.25" PhysicalSizeY="0.25""#, 0.25), (#"PhysicalSizeX="0.5" PhysicalSizeXUnit="µm""#, 0.5),
        (#"PhysicalSizeY="0.5" PhysicalSizeYUnit="μm""#, 0.5), (#"PhysicalSizeX="250" PhysicalSizeXUnit="nm""#, 0.25),
        (#"PhysicalSizeX="0.00025" PhysicalSizeXUnit="mm""#, 0.25),
        (#"PhysicalSizeX="2.5E-5" PhysicalSizeXUnit="cm""#, 0.25),
    ])
    func aLengthIsReadInItsUnit(_ attributes: String, _ mpp: Double) throws {
        let pixel = try #require(OMEPixel(description: image(attributes), size: size))
        #expect(abs(pixel.mppX - mpp) < 1e-12 && abs(pixel.mppY - mpp) < 1e-12)
    }

    @Test func onlyALengthOfTheImageAtLevel0Counts() {
        for attributes in [
            "", #"PhysicalSizeX="1" PhysicalSizeXUnit="pixel""#, #"PhysicalSizeX="0""#, #"PhysicalSizeX="NaN""#,
        ] { #expect(OMEPixel(description: image(attributes), size: size) == nil) }
        let other = #"SizeX="90" SizeY="130" PhysicalSizeX="0.25""#
        #expect(OMEPixel(description: xml(other), size: size) == nil)
        #expect(OMEPixel(description: "OME, said nobody", size: size) == nil)
        let both = xml(other).replacing(
            "</OME>",
            with: #"<Image><Pixels SizeX="200" SizeY="130" PhysicalSizeX="0.5"/></Image></OME>"#
        )
        #expect(OMEPixel(description: both, size: size)?.mppX == 0.5)
    }

    @Test func omeWinsOverAResolutionTagAndIsHeldToTheSameRule() throws {
        var tiff = TestTIFF(width: 200, height: 130)
        // 4 µm.
        tiff.resolution = (2500, 2500, .centimetre)
        try tiff.use { path in
            let slide = try Slide(path: path)
            #expect(try slide.scale() == SlideScale(mpp: 4, source: .tiffCentimetre))
            #expect(slide.overruledTIFFResolution == nil)
        }
        tiff.description = image(#"PhysicalSizeX="0.5" PhysicalSizeY="0.5""#)
        try tiff.use { path in
            let slide = try Slide(path: path)
            #expect(try slide.scale() == SlideScale(mpp: 0.5, source: .ome))
            #expect(slide.overruledTIFFResolution == 4)
            let given = SlideScale(mpp: 0.3, source: .option)
            #expect(try slide.scale(given: given) == given)
        }
        for (x, y) in [(0.5, 0.6), (150.0, 150.0)] {
            tiff.description = image(#"PhysicalSizeX="\#(x)" PhysicalSizeY="\#(y)""#)
            try tiff.use { path in
                #expect(throws: SlideError.mppImplausible(x: x, y: y, source: .ome)) { try Slide(path: path).scale() }
            }
        }
    }

    private static let real = "field/slides/ome_subifd.ome.tif"

    @Test(.enabled(if: SharedData.has(real), "\(SharedData.absence)"))
    func anOMETIFFThatOpenSlideTakesHasItsScale() throws {
        #expect(try Slide(path: SharedData.path(Self.real)).scale() == SlideScale(mpp: 0.499, source: .ome))
    }
}
