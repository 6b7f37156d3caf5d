import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// Which image of an OME-TIFF or a QPTIFF is the slide.
struct OMETIFFTests {
    private func colours(_ width: Int = 64, _ height: Int = 48) -> MadeTIFF.Image {
        MadeTIFF.Image(width, height) { x, y in [x, y, 90] }
    }

    private func plane(_ value: Int, _ width: Int = 64, _ height: Int = 48) -> MadeTIFF.Image {
        var image = MadeTIFF.Image(width, height) { x, _ in [x + value] }
        (image.samples, image.photometric) = (1, 1)
        return image
    }

    private func xml(_ images: String...) -> String {
        "<?xml version=\"1.0\"?><OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\">\(images.joined())</OME>"
    }

    private func image(
        _ width: Int = 64,
        _ height: Int = 48,
        name: String = "",
        mpp: String = "0.25",
        counts: String = #"SizeC="3" SizeZ="1" SizeT="1""#,
        holding content: String
    ) -> String {
        #"<Image Name="\#(name)"><Pixels SizeX="\#(width)" SizeY="\#(height)" PhysicalSizeX="\#(mpp)" \#(counts)>\#(content)</Pixels></Image>"#
    }

    private let rgb = #"<Channel SamplesPerPixel="3"/><TiffData IFD="0"/>"#

    private func refusal(_ made: MadeTIFF, _ rules: ReadingRules = ReadingRules()) throws -> SlideError? {
        try made.use { path in
            do { _ = try Slide(path: path, rules: rules) } catch let error as SlideError { return error }
            return nil
        }
    }

    @Test(arguments: [true, false]) func subIFDsAreLevels(isLittle: Bool) throws {
        var whole = colours()
        whole.description = xml(image(holding: rgb))
        whole.children = [MadeTIFF.Image(32, 24) { _, _ in [1, 2, 3] }]
        var made = MadeTIFF([whole])
        made.isLittle = isLittle
        try made.use { path in
            let slide = try Slide(path: path)
            #expect(slide.vendor == "ome-tiff" && slide.levels.map(\.downsample) == [1, 2])
            #expect(try slide.scale() == SlideScale(mpp: 0.25, source: .ome))
            #expect(try slide.read(level: 0, x: 7, y: 9, width: 1, height: 1).pixels == [7, 9, 90])
            #expect(try slide.read(level: 1, x: 8, y: 8, width: 1, height: 1).pixels == [1, 2, 3])
        }
    }

    @Test(arguments: [
        [#"Name="Red""#, #"Name="Green""#, #"Name="Blue""#], [#"Name="R""#, #"Name="G""#, #"Name="B""#],
        [#"Color="-16776961""#, #"Color="16711935""#, #"Color="65535""#],
    ])
    func threePlanesThatAreCalledColoursAreAPicture(attributes: [String]) throws {
        let channels = attributes.map { "<Channel SamplesPerPixel=\"1\" \($0)/>" }.joined()
        let files = (0..<3).map { #"<TiffData FirstC="\#($0)" IFD="\#(2 - $0)"/>"# }.joined()
        // In another order than the channels.
        var planes = [plane(20), plane(10), plane(0)]
        for index in planes.indices { planes[index].children = [plane(100 - 10 * index, 32, 24)] }
        planes[0].description = xml(image(holding: channels + files))
        try MadeTIFF(planes).use { path in
            let slide = try Slide(path: path)
            #expect(slide.levels.count == 2 && slide.vendor == "ome-tiff")
            #expect(try slide.read(level: 0, x: 5, y: 0, width: 1, height: 1).pixels == [5, 15, 25])
            #expect(try slide.read(level: 1, x: 0, y: 0, width: 1, height: 1).pixels == [80, 90, 100])
        }
    }

    @Test(arguments: [
        ["", "", ""], [#"Name="DAPI""#, #"Name="FITC""#, #"Name="Cy3""#],
        [#"Color="-16776961" Name="TRITC""#, #"Color="16711935" Name="FITC""#, #"Color="65535" Name="DAPI""#],
        [#"Name="Red" EmissionWavelength="600""#, #"Name="Green""#, #"Name="Blue""#],
        [#"Name="Blue""#, #"Name="Green""#, #"Name="Red""#],
    ])
    func otherChannelsAreCountedAndRefused(attributes: [String]) throws {
        var planes = [plane(0), plane(10), plane(20)]
        planes[0].description = xml(
            image(
                holding: attributes.map { "<Channel SamplesPerPixel=\"1\" \($0)/>" }.joined()
                    + #"<TiffData IFD="0" PlaneCount="3"/>"#
            )
        )
        #expect(try refusal(MadeTIFF(planes)) == .channels(3, bits: 8))
    }

    @Test func focalPlanesAreRefused() throws {
        var whole = colours()
        whole.description = xml(image(counts: #"SizeC="3" SizeZ="5" SizeT="2""#, holding: rgb))
        let found = try refusal(MadeTIFF([whole] + (0..<9).map { _ in colours() }))
        #expect(found?.message.hasPrefix("the image has 10 focal planes or points of time, and one is read; ") == true)
    }

    @Test func labelsAreNoScenesAndScenesAreChosen() throws {
        func made(_ name: String, mpp: String) -> MadeTIFF {
            var second = colours()
            second.description = xml(
                image(40, 40, name: name, mpp: mpp, holding: #"<Channel SamplesPerPixel="3"/><TiffData IFD="1"/>"#),
                image(holding: rgb)
            )
            second.pixel = { x, y in [x, y, 90] }
            return MadeTIFF([second, MadeTIFF.Image(40, 40) { _, _ in [200, 0, 0] }])
        }
        for (name, mpp) in [("Label image", "0.25"), ("", "8")] {
            try made(name, mpp: mpp).use { path in
                let slide = try Slide(path: path)
                #expect(slide.size == PixelSize(width: 64, height: 48) && slide.levels.count == 1)
            }
        }
        let two = made("", mpp: "0.25")
        #expect(
            try refusal(two)?.message == "the slide has 2 scenes as images of their own (40 × 40, 64 × 48 pixels); "
                + "read one of them with --scene 1 to --scene 2"
        )
        #expect(try refusal(two, ReadingRules(scene: 3)) == .scene(3, count: 2))
        try two.use { path in
            let slide = try Slide(path: path, rules: ReadingRules(scene: 1))
            #expect(slide.size == PixelSize(width: 40, height: 40))
            // Each begins where its own image does.
            let scenes = [(40, 40), (64, 48)].map { PixelRect(x: 0, y: 0, width: $0.0, height: $0.1) }
            #expect(slide.facts.scenes == scenes && slide.bounds == scenes[0])
            #expect(try slide.read(level: 0, x: 0, y: 0, width: 1, height: 1).pixels == [200, 0, 0])
            #expect(try Slide(path: path, rules: ReadingRules(scene: 2)).size.width == 64)
        }
    }

    private func akoya(_ image: MadeTIFF.Image, _ kind: String) -> MadeTIFF.Image {
        var image = image
        image.description =
            "<?xml version=\"1.0\" encoding=\"utf-16\"?><PerkinElmer-QPI-ImageDescription><ImageType>\(kind)</ImageType>"
            + "</PerkinElmer-QPI-ImageDescription>"
        return image
    }

    @Test func aBrightfieldQPTIFFHasTheLevelsThatItNames() throws {
        var small = akoya(MadeTIFF.Image(16, 12) { _, _ in [4, 4, 4] }, "ReducedResolution")
        small.tile = nil
        let made = MadeTIFF([
            akoya(colours(), "FullResolution"), akoya(MadeTIFF.Image(32, 24) { _, _ in [9, 9, 9] }, "Thumbnail"),
            akoya(MadeTIFF.Image(32, 24) { _, _ in [2, 2, 2] }, "ReducedResolution"), small,
            akoya(MadeTIFF.Image(30, 30) { _, _ in [8, 8, 8] }, "Label"),
        ])
        try made.use("made.qptiff") { path in
            let slide = try Slide(path: path)
            #expect(slide.vendor == "qptiff" && slide.levels.map(\.size.width) == [64, 32, 16])
            #expect(try slide.read(level: 1, x: 0, y: 0, width: 1, height: 1).pixels == [2, 2, 2])
        }
        let channels = (0..<4).map { akoya(plane($0), "FullResolution") }
        #expect(try refusal(MadeTIFF(channels)) == .channels(4, bits: 8))
    }
}
