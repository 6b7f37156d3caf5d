import CHDF5
import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// Files as other tools write them, made with the same library.
@Suite struct ForeignFeatureTests {
    private let scratch: Scratch
    private let url: URL

    init() throws {
        scratch = try Scratch()
        url = scratch.file("slide.h5")
    }

    private func make(_ body: (HDF5File) throws -> Void) throws {
        try HDF5File.make(at: url, body)
    }

    @Test func tridentsFloatingPointAttributesAreRounded() throws {
        try make { file in
            try file.create("features", .float64, shape: [2, 3]).write([1.0, 2, 3, 4, 5, 6])
            let coords = try file.create("coords", .int64, shape: [2, 2])
            try coords.write([Int64(0), 0, 1024, 512])
            try coords.object.set("patch_size_level0", .number(511.6))
        }
        let file = try FeatureFile(contentsOf: url)
        #expect(file.features == [1, 2, 3, 4, 5, 6])
        #expect(file.corners == [PixelPoint(x: 0, y: 0), PixelPoint(x: 1024, y: 512)])
        #expect(file.sideLevel0 == 512)
        #expect(file.grid == nil && file.attributes.isEmpty)
    }

    @Test func clamsFilesNeedNoAttribute() throws {
        try make { file in
            try file.create("features", .float32, shape: [1, 2]).write([Float(1), 2])
            try file.create("coords", .int64, shape: [1, 2]).write([Int64(7), 9])
        }
        let file = try FeatureFile(contentsOf: url)
        #expect(file.corners == [PixelPoint(x: 7, y: 9)])
        #expect(file.sideLevel0 == nil && file.encoder == nil)
    }

    @Test func clamsSideIsItsSizeTimesTheDownsample() throws {
        try make { file in
            try file.create("features", .float32, shape: [1, 2]).write([Float(1), 2])
            let coords = try file.create("coords", .int64, shape: [1, 2])
            try coords.write([Int64(7), 9])
            try coords.object.set("patch_size", .integer(256))
            try coords.object.set("downsample", .numbers([4, 4]))
        }
        #expect(try FeatureFile(contentsOf: url).sideLevel0 == 1024)
    }

    @Test func stampsMicronsBecomePixelsOnceTheScaleIsKnown() throws {
        try make { file in
            try file.create("feats", .float32, shape: [2, 1]).write([Float(1), 2])
            try file.create("coords", .float64, shape: [2, 2]).write([0.0, 256, 512, 1024])
            try file.root.set("unit", .text("um"))
            try file.root.set("tile_size_um", .number(256))
            try file.root.set("extractor", .text("uni"))
        }
        #expect(try FeatureFile(contentsOf: url).corners.isEmpty)
        let file = try FeatureFile(contentsOf: url, slideMPP: 0.25)
        #expect(file.corners == [PixelPoint(x: 0, y: 1024), PixelPoint(x: 2048, y: 4096)])
        #expect(file.sideLevel0 == 1024)
        #expect(file.encoder == "uni")
    }

    @Test func halfPrecisionIsPromoted() throws {
        // First, as it makes the library ready for everything else in this process.
        try make { _ in }
        let half = H5Tcopy(hdf5_float32())
        #expect(H5Tset_fields(half, 15, 10, 5, 0, 10) >= 0 && H5Tset_size(half, 2) >= 0 && H5Tset_ebias(half, 15) >= 0)
        let file = H5Fopen(url.path, 1, 0)
        let space = H5Screate_simple(2, [2, 2], nil)
        let dataset = H5Dcreate2(file, "feats", half, space, 0, 0, 0)
        let values: [Float16] = [1, -0.5, 65504, .nan]
        #expect(H5Dwrite(dataset, half, 0, 0, 0, values) >= 0)
        #expect(H5Dclose(dataset) >= 0 && H5Sclose(space) >= 0 && H5Tclose(half) >= 0 && H5Fclose(file) >= 0)
        let read = try FeatureFile(contentsOf: url)
        #expect(read.features.prefix(3) == [1, -0.5, 65504])
        #expect(read.nonFiniteRows == [1])
    }

    @Test func aFileOfAllSlidesGivesTheGroupOfTheSlide() throws {
        try make { _ in }
        let whole = H5Fopen(url.path, 1, 0)
        let space = H5Screate_simple(2, [1, 2], nil)
        for (index, name) in ["s 1", "s2"].enumerated() {
            let group = H5Gcreate2(whole, name, 0, 0, 0)
            let features = H5Dcreate2(group, "feat", hdf5_float32(), space, 0, 0, 0)
            #expect(H5Dwrite(features, hdf5_float32(), 0, 0, 0, [Float(index), Float(index)]) >= 0)
            let coords = H5Dcreate2(group, "coords", hdf5_int64(), space, 0, 0, 0)
            #expect(H5Dwrite(coords, hdf5_int64(), 0, 0, 0, [Int64(index), 7]) >= 0)
            #expect(H5Dclose(features) >= 0 && H5Dclose(coords) >= 0 && H5Gclose(group) >= 0)
        }
        #expect(H5Sclose(space) >= 0 && H5Fclose(whole) >= 0)
        #expect(try FeatureFile.slides(in: url) == ["s 1", "s2"])
        let file = try FeatureFile(contentsOf: url, slide: SlideID("s2"))
        #expect(file.features == [1, 1])
        #expect(file.corners == [PixelPoint(x: 1, y: 7)])
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url, slide: SlideID("s3")) }
    }

    @Test func aSafetensorsOfAllSlidesGivesTheEntryOfTheSlide() throws {
        let url = scratch.file("bags.safetensors")
        let half = [Float16(0.5), -2].withUnsafeBytes { Data($0) }
        try SafeTensors(
            tensors: [
                "a/features": StoredTensor(kind: .float16, shape: [1, 2], bytes: half),
                "b/features": StoredTensor(shape: [2, 1], floats: [3, 4]),
                "b/labels": StoredTensor(kind: .uint8, shape: [2], bytes: Data([1, 0])),
                "c/features": StoredTensor(kind: .uint8, shape: [1, 1], bytes: Data([1])),
            ]
        ).write(to: url)
        #expect(try FeatureFile.slides(in: url) == ["a", "b", "c"])
        #expect(try FeatureFile(contentsOf: url, slide: SlideID("a")).features == [0.5, -2])
        #expect(try FeatureFile.shape(of: url, slide: SlideID("b")) == FeatureShape(count: 2, width: 1, encoder: nil))
        let whole = try #require(throws: StorageError.self) { try FeatureFile(contentsOf: url, slide: SlideID("c")) }
        #expect(whole.message.contains("U8"))
        let missing = try #require(throws: StorageError.self) { try FeatureFile(contentsOf: url, slide: SlideID("d")) }
        #expect(missing.message == "d/features is not in the file")
    }

    @Test func aFileOfManySlidesIsParsedOnce() throws {
        let url = scratch.file("bags.safetensors")
        let (a, b) = (StoredTensor(shape: [1, 2], floats: [1, 2]), StoredTensor(shape: [2, 1], floats: [3, 4]))
        try SafeTensors(tensors: ["a/features": a, "b/features": b]).write(to: url)
        let shelf = FeatureShelf()
        #expect(try shelf.shape(of: url, slide: SlideID("a")) == FeatureShape(count: 1, width: 2, encoder: nil))
        // What is open is the file as it was, whatever its name stands for now.
        try FileManager.default.removeItem(at: url)
        try Data("none".utf8).write(to: url)
        #expect(try shelf.features(in: url, of: SlideID("b")).features == [3, 4])
        #expect(try shelf.features(in: url, of: SlideID("a")).features == [1, 2])
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url, slide: SlideID("a")) }
        // Another file takes the place of the first.
        let other = scratch.file("other.safetensors")
        try SafeTensors(tensors: ["features": b]).write(to: other)
        #expect(try shelf.features(in: other, of: SlideID("a")).features == [3, 4])
        #expect(throws: StorageError.self) { try shelf.features(in: url, of: SlideID("a")) }
    }

    @Test(arguments: [
        (32000, "LZF"), (32001, "Blosc"), (32015, "Zstandard"), (32008, "bitshuffle"), (32123, "a filter"),
    ])
    func aCompressionThatIsNotThereIsNamed(_ number: Int32, _ name: String) throws {
        let file = H5Fcreate(url.path, hdf5_truncate(), 0, 0)
        let space = H5Screate_simple(2, [hsize_t(4), 2], nil)
        let properties = H5Pcreate(hdf5_dataset_create_class())
        #expect(H5Pset_chunk(properties, 2, [hsize_t(4), 2]) >= 0)
        #expect(H5Pset_filter(properties, number, UInt32(H5Z_FLAG_OPTIONAL), 0, nil) >= 0)
        let features = H5Dcreate2(file, "features", hdf5_float32(), space, 0, properties, 0)
        #expect(features >= 0 && H5Dclose(features) >= 0 && H5Pclose(properties) >= 0)
        #expect(H5Sclose(space) >= 0 && H5Fclose(file) >= 0)
        let error = try #require(throws: StorageError.self) { try FeatureFile.shape(of: url) }
        #expect(
            error.message.hasPrefix(
                "features is compressed with \(name) (HDF5 filter \(number)), which this machine's HDF5 lacks; write the file again"
            )
        )
    }

    @Test(arguments: [("None", nil), ("", nil), ("{\"a\": 1}", nil), ("uni_v1", "uni_v1")] as [(String, String?)])
    func tridentsWordForNoEncoderNamesNone(word: String, name: String?) throws {
        try make { file in
            let features = try file.create("features", .float32, shape: [1, 1])
            try features.write([Float(1)])
            try features.object.set("encoder", .text(word))
        }
        #expect(try FeatureFile(contentsOf: url).encoder == name)
    }

    @Test func featuresWithoutCoordinatesAreABag() throws {
        try make { try $0.create("features", .float32, shape: [3, 1]).write([Float(1), 2, 3]) }
        let file = try FeatureFile(contentsOf: url)
        #expect(file.count == 3 && file.corners.isEmpty)
    }

    @Test func anEmptySlideMayHaveNoWidth() throws {
        try make { file in
            _ = try file.create("features", .float32, shape: [0])
            _ = try file.create("coords", .int64, shape: [0, 2])
        }
        let file = try FeatureFile(contentsOf: url)
        #expect(file.count == 0 && file.width == 0)
    }

    @Test func rowsThatAreNotFiniteAreCounted() throws {
        try make { try $0.create("features", .float32, shape: [3, 2]).write([Float(1), .nan, 3, 4, -.infinity, 6]) }
        #expect(try FeatureFile(contentsOf: url).nonFiniteRows == [0, 2])
    }

    @Test func aFileOfOursThatIsNotCompleteIsRefused() throws {
        try make { file in
            try file.create("features", .float32, shape: [1, 1]).write([Float(1)])
            try file.root.set("wsi_format_version", .integer(1))
        }
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url) }
    }

    @Test(arguments: [[2], [1, 2, 1]]) func anotherShapeIsRefused(shape: [Int]) throws {
        try make { try $0.create("features", .float32, shape: shape).write([Float(1), 2]) }
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url) }
    }

    @Test func coordinatesOfAnotherCountAreRefused() throws {
        try make { file in
            try file.create("features", .float32, shape: [2, 1]).write([Float(1), 2])
            try file.create("coords", .int64, shape: [1, 2]).write([Int64(7), 9])
        }
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url) }
    }

    @Test func aPositionNoSlideCanHaveIsRefused() throws {
        try make { file in
            try file.create("features", .float32, shape: [1, 1]).write([Float(1)])
            try file.create("coords", .float64, shape: [1, 2]).write([Double.infinity, 0])
        }
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url) }
    }

    @Test func aFileWithoutFeaturesIsRefused() throws {
        try make { _ = try $0.create("coords", .int64, shape: [0, 2]) }
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url) }
    }
}
