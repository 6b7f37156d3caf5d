import CHDF5
import Foundation
import Records
import TestSupport
import Testing

@testable import Files
@testable import Storage

/// Files that would have other files read: what they name is never opened.
@Suite struct LeavingFileTests {
    private let scratch: Scratch
    private let url: URL

    init() throws {
        scratch = try Scratch()
        url = scratch.file("slide.h5")
        try HDF5File.make(at: scratch.file("other.h5")) {
            try $0.create("features", .float32, shape: [4, 2]).write([Float](repeating: 7, count: 8))
        }
        try Data(repeating: 65, count: 32).write(to: scratch.file("raw.bin"))
    }

    private func refusal() throws -> String {
        let error = try #require(throws: StorageError.self) { try FeatureFile(contentsOf: url) }
        #expect(error.code.exitStatus == .integrity)
        let shape = try #require(throws: StorageError.self) { try FeatureFile.shape(of: url) }
        #expect(shape == error)
        return error.message
    }

    /// What h5py writes of `ExternalLink('other.h5', '/features')`.
    private let link =
        "iUhERg0KGgoDCAgAAAAAAAAAAAD//////////7MAAAAAAAAAMAAAAAAAAACVVVaLT0hEUgIAeAISAAAAAP////////////////////8KAgABAAAGIgAAAQhACGZlYXR1cmVzFAAAb3RoZXIuaDUAL2ZlYXR1cmVzAAAyAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAL+yZTo="
    /// The same of a link to `/e/features`, where `e` is a link to the other file.
    private let linkByLink =
        "iUhERg0KGgoDCAgAAAAAAAAAAAD//////////7MAAAAAAAAAMAAAAAAAAACVVVaLT0hEUgIAeAISAAAAAP////////////////////8KAgABAAAGEwAAAQhAAWUMAABvdGhlci5oNQAvAAYZAAABCAEIZmVhdHVyZXMLAC9lL2ZlYXR1cmVzACQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPOPgpY="

    @Test func aLinkToAnotherFileIsRefusedByName() throws {
        try #require(Data(base64Encoded: link)).write(to: url)
        #expect(try refusal().hasPrefix("features is a link to another file, which is never followed"))
    }

    @Test func aLinkInsideOfTheFileThatLeadsOutOfItLeadsNowhere() throws {
        try #require(Data(base64Encoded: linkByLink)).write(to: url)
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url) }
    }

    private func make(_ prepare: (hid_t, hid_t) -> Bool) throws {
        try HDF5.prepare(path: url.path)
        let file = H5Fcreate(url.path, hdf5_truncate(), 0, 0)
        let space = H5Screate_simple(2, [hsize_t(4), 2], nil)
        let properties = H5Pcreate(hdf5_dataset_create_class())
        #expect(prepare(properties, space))
        let features = H5Dcreate2(file, "features", hdf5_float32(), space, 0, properties, 0)
        #expect(features >= 0 && H5Dclose(features) >= 0 && H5Pclose(properties) >= 0)
        #expect(H5Sclose(space) >= 0 && H5Fclose(file) >= 0)
    }

    @Test func numbersInAnotherFileAreRefusedByName() throws {
        try make { properties, _ in H5Pset_external(properties, "raw.bin", 0, 32) >= 0 }
        #expect(try refusal().hasPrefix("features lies in another file (external storage)"))
    }

    @Test func partsOfOtherFilesAreRefusedByName() throws {
        try make { properties, space in
            H5Pset_virtual(properties, space, scratch.file("other.h5").path, "/features", space) >= 0
        }
        #expect(try refusal().hasPrefix("features is put together from other files (virtual)"))
    }

    /// A whole terabyte, of which a few bytes are there.
    @Test func aShapeThatIsForgedAsksForNoMemory() throws {
        let file = H5Fcreate(url.path, hdf5_truncate(), 0, 0)
        let space = H5Screate_simple(2, [hsize_t(1 << 36), 4], nil)
        let properties = H5Pcreate(hdf5_dataset_create_class())
        #expect(H5Pset_chunk(properties, 2, [hsize_t(4), 4]) >= 0)
        let features = H5Dcreate2(file, "features", hdf5_float32(), space, 0, properties, 0)
        #expect(features >= 0 && H5Dclose(features) >= 0 && H5Pclose(properties) >= 0)
        #expect(H5Sclose(space) >= 0 && H5Fclose(file) >= 0)
        #expect(throws: StorageError.self) { try FeatureFile(contentsOf: url) }
    }
}
