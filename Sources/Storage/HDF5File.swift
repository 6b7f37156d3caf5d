import CHDF5
import Foundation

/// An HDF5 file: made in memory or on disk, or opened for reading. No file locking (files never change once they have
/// their name, and locks hang on network file systems), no object times (equal content gives equal bytes).
final class HDF5File {
    let root: HDF5Object
    private let handle: HDF5Handle
    var path: String { handle.path }

    private init(_ handle: HDF5Handle) {
        self.handle = handle
        root = HDF5Object(handle)
    }

    /// A new file that lives in memory until `image()` is taken; a full disk cannot harm it.
    static func inMemory(named path: String) throws -> HDF5File {
        let access = try accessProperties(path)
        try HDF5.check(path, "prepare", H5Pset_fapl_core(access.id, 1 << 16, false))
        return try create(path, access)
    }

    /// A new file on disk, whose large arrays begin on page borders so that they can be mapped.
    static func onDisk(at url: URL) throws -> HDF5File {
        let access = try accessProperties(url.path)
        try HDF5.check(url.path, "prepare", H5Pset_alignment(access.id, 4096, 4096))
        return try create(url.path, access)
    }

    static func open(_ url: URL) throws -> HDF5File {
        let access = try accessProperties(url.path)
        let path = url.path
        return HDF5File(
            try HDF5Handle(path, "open as HDF5", release: H5Fclose, H5Fopen(path, hdf5_read_only(), access.id))
        )
    }

    /// The bytes of the file.
    func image() throws -> Data {
        try HDF5.check(path, "flush", H5Fflush(handle.id, H5F_SCOPE_GLOBAL))
        let count = try HDF5.check(path, "measure", H5Fget_file_image(handle.id, nil, 0))
        var data = Data(count: count)
        try data.withUnsafeMutableBytes { buffer in
            _ = try HDF5.check(path, "copy", H5Fget_file_image(handle.id, buffer.baseAddress, count))
        }
        return data
    }

    func close() throws { try handle.close() }

    /// Makes a contiguous, uncompressed array whose space is allocated now and never filled.
    func create(_ name: String, _ number: HDF5Number, shape: [Int]) throws -> HDF5Dataset {
        let space = try HDF5Handle(
            path,
            "shape \(name)",
            release: H5Sclose,
            H5Screate_simple(Int32(shape.count), shape.map { hsize_t($0) }, nil)
        )
        let properties = try HDF5Handle(
            path,
            "prepare",
            release: H5Pclose,
            H5Pcreate(hdf5_dataset_create_class())
        )
        try HDF5.check(path, "prepare", H5Pset_layout(properties.id, H5D_CONTIGUOUS))
        try HDF5.check(path, "prepare", H5Pset_alloc_time(properties.id, H5D_ALLOC_TIME_EARLY))
        try HDF5.check(path, "prepare", H5Pset_fill_time(properties.id, H5D_FILL_TIME_NEVER))
        try HDF5.check(path, "prepare", H5Pset_obj_track_times(properties.id, false))
        let none = hid_t(H5P_DEFAULT)
        let dataset = try HDF5Handle(
            path,
            "create \(name)",
            in: handle,
            release: H5Dclose,
            H5Dcreate2(handle.id, name, number.type, space.id, none, properties.id, none)
        )
        return try HDF5Dataset(dataset, name: name)
    }

    func has(_ name: String) throws -> Bool {
        try HDF5.check(path, "look for \(name)", H5Lexists(handle.id, name, hid_t(H5P_DEFAULT))) > 0
    }

    func dataset(_ name: String) throws -> HDF5Dataset {
        let opened = try HDF5Handle(
            path,
            "open \(name)",
            in: handle,
            release: H5Dclose,
            H5Dopen2(handle.id, name, hid_t(H5P_DEFAULT))
        )
        return try HDF5Dataset(opened, name: name)
    }

    private static func create(_ path: String, _ access: HDF5Handle) throws -> HDF5File {
        let creation = try HDF5Handle(path, "prepare", release: H5Pclose, H5Pcreate(hdf5_file_create_class()))
        try HDF5.check(path, "prepare", H5Pset_obj_track_times(creation.id, false))
        return HDF5File(
            try HDF5Handle(
                path,
                "create",
                release: H5Fclose,
                H5Fcreate(path, hdf5_truncate(), creation.id, access.id)
            )
        )
    }

    private static func accessProperties(_ path: String) throws -> HDF5Handle {
        let access = try HDF5Handle(path, "prepare", release: H5Pclose, H5Pcreate(hdf5_file_access_class()))
        try HDF5.check(path, "prepare", H5Pset_file_locking(access.id, false, true))
        // Closing a file with something still open in it fails, instead of leaving it silently unfinished.
        try HDF5.check(path, "prepare", H5Pset_fclose_degree(access.id, H5F_CLOSE_SEMI))
        return access
    }
}
