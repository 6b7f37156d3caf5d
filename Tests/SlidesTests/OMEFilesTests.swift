import Foundation
import Imaging
import Records
import TestSupport
import Testing

@testable import Slides

/// OME-TIFFs of several files, and planes that their XML does not name as it should.
struct OMEFilesTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let (one, two) = ("urn:uuid:1", "urn:uuid:2")

    private func xml(_ images: String..., number: String? = nil, prefix: String = "") -> String {
        let uuid = number.map { " UUID=\"\($0)\"" } ?? ""
        return
            "<\(prefix)OME xmlns=\"http://www.openmicroscopy.org/Schemas/OME/2016-06\"\(uuid)>\(images.joined())</\(prefix)OME>"
    }

    private func image(
        mpp: String = "0.25",
        counts: String = #"SizeC="3" SizeZ="1" SizeT="1""#,
        channels: String = #"<Channel SamplesPerPixel="3"/>"#,
        _ planes: String...
    ) -> String {
        #"<Image><Pixels SizeX="64" SizeY="48" PhysicalSizeX="\#(mpp)" \#(counts)>\#(channels)\#(planes.joined())</Pixels></Image>"#
    }

    /// A plane of a file.
    private func plane(_ file: String?, _ number: String = "", _ attributes: String = #"IFD="0""#) -> String {
        let name = file.map { " FileName=\"\($0)\"" } ?? ""
        return "<TiffData \(attributes)><UUID\(name)>\n \(number)\n</UUID></TiffData>"
    }

    private func colours(_ value: Int, _ description: String? = nil, _ width: Int = 64, _ height: Int = 48)
        -> MadeTIFF.Image
    {
        var image = MadeTIFF.Image(width, height) { _, _ in [value, 90, 30] }
        image.description = description
        return image
    }

    private func write(_ name: String, _ images: MadeTIFF.Image...) throws -> String {
        let file = scratch.file(name)
        try MadeTIFF(images).data().write(to: file)
        return file.path
    }

    private func message(_ path: String, _ rules: ReadingRules = ReadingRules()) -> String? {
        let error = #expect(throws: SlideError.self) { try Slide(path: path, rules: rules) }
        #expect(error?.code == .slideFormat)
        return error?.message
    }

    private func red(_ path: String) throws -> UInt8 {
        let slide = try Slide(path: path)
        #expect(slide.vendor == "ome-tiff" || slide.vendor == "generic-tiff")
        return try slide.read(level: 0, x: 3, y: 3, width: 1, height: 1).pixels[0]
    }

    /// Both files have directory 0, and both know of both.
    @Test(arguments: [true, false]) func eachFileIsTheImageThatItHolds(saysNumbers: Bool) throws {
        let (one, two) = saysNumbers ? (Self.one, Self.two) : ("", "")
        let images = [image(plane("a.ome.tif", one)), image(mpp: "0.5", plane("b.ome.tif", two))]
        func described(_ number: String) -> String {
            xml(images[0], images[1], number: saysNumbers ? number : nil)
        }
        let (first, second) = (
            try write("a.ome.tif", colours(10, described(one))), try write("b.ome.tif", colours(200, described(two)))
        )
        #expect(try red(first) == 10 && red(second) == 200)
        #expect(try Slide(path: first).scale().mpp == 0.25 && Slide(path: second).scale().mpp == 0.5)
        #expect(try Slide(path: first).facts.scenes == nil)
    }

    @Test func anImageInAnotherFileIsNotTakenForTheOneThatIsHere() throws {
        let alone = try write("a.ome.tif", colours(10, xml(image(plane("b.ome.tif", Self.two)), number: Self.one)))
        #expect(
            message(alone)
                == "its image is in another file, b.ome.tif; name that file, or give this one its name back where it is "
                + "the same"
        )
        let many = (1...5).map { image(plane("D:\\scans\\\($0).ome.tif", "urn:uuid:5\($0)")) }.joined()
        let index = try write("index.ome.tif", colours(10, xml(many, number: Self.one)))
        let wanted =
            "its image is in other files, 1.ome.tif, 2.ome.tif, 3.ome.tif and 2 more; export the slide as one OME-TIFF"
        #expect(message(index) == wanted && message(index, ReadingRules(scene: 1)) == wanted)
    }

    @Test func anImageOfSeveralFilesIsRefusedWithTheirNames() throws {
        var grey = MadeTIFF.Image(64, 48) { x, _ in [x] }
        (grey.samples, grey.photometric) = (1, 1)
        grey.description = xml(
            image(
                channels: ["Red", "Green", "Blue"].map { #"<Channel SamplesPerPixel="1" Name="\#($0)"/>"# }.joined(),
                plane("a.ome.tif", Self.one, #"IFD="0" FirstC="0""#),
                plane("b.ome.tif", Self.two, #"IFD="1" FirstC="1""#),
                plane("b.ome.tif", Self.two, #"IFD="2" FirstC="2""#)
            ),
            number: Self.one
        )
        // The directories that another file has are here, too.
        let path = try write("a.ome.tif", grey, grey, grey)
        #expect(
            message(path) == "a part of its image is in another file, b.ome.tif; export the slide as one OME-TIFF"
        )
    }

    /// How users and careless writers leave files that are whole.
    @Test func aFileUnderAnotherNameIsItself() throws {
        let other = image(plane("other.ome.tif", Self.two))
        let texts = [
            // Told by its number.
            xml(image(plane("was.ome.tif", Self.one)), other, number: Self.one),
            // The only one that is named.
            xml(image(plane("was.ome.tif"))), xml(image(plane("was.ome.tif", Self.one))),
            xml(image(plane("was.ome.tif")), number: Self.one),
            // Told by its name, with a number of its own for each plane or a wrong one.
            xml(image(plane("/scans/now.ome.tif", "urn:uuid:7")), other),
            xml(image(plane("now.ome.tif", "urn:uuid:7")), number: Self.one),
            // No name.
            xml(image(plane(nil, Self.one)), number: Self.one), xml(image(plane(nil))),
            xml(image(#"<TiffData IFD="0"/>"#), number: Self.one),
        ]
        for text in texts { #expect(try red(write("now.ome.tif", colours(10, text))) == 10, "\(text)") }
    }

    @Test func nameAndNumberOfTwoFilesAreBelievedNeither() throws {
        let text = xml(image(plane("a.ome.tif", Self.one)), image(plane("b.ome.tif", Self.two)), number: Self.one)
        let path = try write("b.ome.tif", colours(10, text))
        #expect(message(path)?.contains("a.ome.tif, b.ome.tif; ") == true)
    }

    @Test func aFileWhoseDescriptionIsElsewhereIsReadByWhatItHas() throws {
        let text = #"<OME UUID="urn:uuid:1"><BinaryOnly MetadataFile="set/all.companion.ome" UUID="urn:uuid:9"/></OME>"#
        let slide = try Slide(path: try write("a.ome.tif", colours(10, text), colours(10, nil, 32, 24)))
        #expect(slide.vendor == "ome-tiff" && slide.levels.count == 2 && slide.notes.count == 1)
        #expect(slide.notes[0].hasPrefix("its OME-XML is in all.companion.ome, which is not read") == true)
        let several = message(try write("b.ome.tif", colours(10, text), colours(10, nil, 40, 48)))
        #expect(
            several?.hasPrefix("it has several images, and only all.companion.ome, which is not read, says") == true
        )
    }

    @Test(arguments: [
        #"<TiffData IFD="7"/>"#, #"<TiffData IFD="2000000"/>"#, #"<TiffData IFD="-1"/>"#, #"<TiffData IFD="one"/>"#,
        #"<TiffData IFD="1"/>"#, #"<TiffData IFD="0" FirstZ="1"/>"#, #"<TiffData IFD="0" FirstC="5"/>"#,
    ])
    func aPlaneThatIsNotThereIsNotReplacedByAnother(planes: String) throws {
        // Directory 1 is of another size.
        let path = try write("a.ome.tif", colours(10, xml(image(planes))), colours(20, nil, 40, 40))
        let found = message(path)
        #expect(found?.hasPrefix("its OME-XML names ") == true, "\(found ?? "")")
        #expect(found?.contains(" for an image of 64 × 48 pixels, which is not there; ") == true)
    }

    @Test func whatWritersLeaveOutOrSayOtherwiseIsRead() throws {
        let texts = [
            xml(image()), xml(image("<TiffData/>")), xml(image(#"<TiffData IFD="0" PlaneCount="9"/>"#)),
            xml(image(#"<TiffData PlaneCount="1"/>"#)), xml(image(channels: "", #"<TiffData IFD="0"/>"#)),
            xml(image(counts: #"SizeC="1" SizeZ="1" SizeT="1""#, #"<TiffData IFD="0"/>"#)),
            xml(image(counts: #"SizeC="3""#, #"<TiffData IFD="0"/>"#)),
            xml(
                image(#"<TiffData IFD="0"/>"#).replacing("<", with: "<ome:").replacing("<ome:/", with: "</ome:"),
                prefix: "ome:"
            ),
        ]
        for text in texts {
            let path = try write("a.ome.tif", colours(10, text), colours(20, nil, 40, 40))
            #expect(try red(path) == 10, "\(text)")
            #expect(try Slide(path: path).scale() == SlideScale(mpp: 0.25, source: .ome), "\(text)")
        }
    }

    /// In whatever order planes lie that no XML numbers, those of the next image follow all of them.
    @Test(arguments: ["XYZCT", "XYCZT", "XYTCZ"]) func planesAreCountedInEveryOrder(order: String) throws {
        let label =
            #"<Image Name="label"><Pixels SizeX="40" SizeY="40" DimensionOrder="\#(order)" SizeC="3" SizeZ="2" SizeT="1">"#
            + #"<Channel SamplesPerPixel="3"/></Pixels></Image>"#
        let path = try write(
            "a.ome.tif",
            colours(20, xml(label, image()), 40, 40),
            colours(30, nil, 40, 40),
            colours(10)
        )
        #expect(try red(path) == 10)
        let deep = image(counts: #"DimensionOrder="\#(order)" SizeC="3" SizeZ="2" SizeT="1""#)
        let focal = try write("b.ome.tif", colours(10, xml(deep)), colours(20))
        #expect(message(focal)?.hasPrefix("the image has 2 focal planes or points of time") == true)
    }
}
