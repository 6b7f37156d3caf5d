import CHDF5
import Files
import Foundation
import Records

#if canImport(Glibc)
    import Glibc
#endif

/// An HDF5 file: made anew, or opened for reading. No file locking (files never change once they have
/// their name, and locks hang on network file systems), no object times (equal content gives equal bytes).
final class HDF5File {
    let root: HDF5Object
    private let handle: HDF5Handle
    var path: String { handle.path }

    private init(_ handle: HDF5Handle) {
        self.handle = handle
        root = HDF5Object(handle)
    }

    /// Makes a file; large arrays begin on page borders so that they can be mapped.
    ///
    /// On a full disk libhdf5 may say so only in part: verify what was made by reading it before giving it its name.
    static func make<Result>(at url: URL, _ fill: (HDF5File) throws -> Result) throws -> Result {
        let file = try create(url.path)
        let result = try fill(file)
        try HDF5.check(url.path, "write", H5Fflush(file.handle.id, H5F_SCOPE_GLOBAL))
        try file.handle.close()
        return result
    }

    /// - Throws: `StorageError`; a failure of the machine that passes is none, for libhdf5 does not always tell which it was.
    static func open(_ url: URL) throws -> HDF5File {
        do { return try openOnce(url) } catch let error as StorageError
            where error.code == .file || error.code.isOfMachine
        {
            do { return try openOnce(url) } catch let error as StorageError where error.code == .file {
                // What is damaged can be read to its end.
                let file = try OpenFile(url)
                try file.probe(0..<file.count)
                throw error
            }
        }
    }

    private static func openOnce(_ url: URL) throws -> HDF5File {
        if let (job, path) = JobFence.job(of: url, reading: true) {
            let descriptor = try job.open(path).descriptor
            defer { close(descriptor) }
            // libhdf5 opens names only; this one is the file that was opened, whatever its name leads to by now.
            return try open(url.path, as: "/proc/self/fd/\(descriptor)")
        }
        try RegularFile.check(url)
        return try open(url.path, as: url.path)
    }

    /// - Parameters:
    ///   - path: for messages.
    ///   - name: what is opened.
    private static func open(_ path: String, as name: String) throws -> HDF5File {
        let access = try accessProperties(path)
        return HDF5File(
            try HDF5Handle(path, "open as HDF5", release: H5Fclose, H5Fopen(name, hdf5_read_only(), access.id))
        )
    }

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
        try HDF5.check(path, "prepare", H5Pset_attr_phase_change(properties.id, 64, 0))
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

    /// - Throws: also where the name, or a group before it, is a link to another file.
    func has(_ name: String) throws -> Bool {
        var place = ""
        for part in name.split(separator: "/") {
            place += place.isEmpty ? part : "/\(part)"
            let step = "look for \(place)"
            guard try HDF5.check(path, step, H5Lexists(handle.id, place, hid_t(H5P_DEFAULT))) > 0 else { return false }
            guard try HDF5.check(path, step, hdf5_link(handle.id, place)) < 2 else {
                throw StorageError.malformed(
                    path: path,
                    reason:
                        "\(place) is a link to another file, which is never followed; copy what it leads to into this file"
                )
            }
        }
        return true
    }

    /// Names of what lies directly under the root, sorted.
    func names() throws -> [String] {
        var names: [String] = []
        _ = try withUnsafeMutablePointer(to: &names) { list in
            // In one walk: asking for the entries one by one takes the square of their number.
            try HDF5.check(
                path,
                "list entries",
                hdf5_each_name(
                    handle.id,
                    { name, list in
                        guard let name else { return }
                        list?.assumingMemoryBound(to: [String].self).pointee.append(String(cString: name))
                    },
                    list
                )
            )
        }
        return names
    }

    func dataset(_ name: String) throws -> HDF5Dataset {
        _ = try has(name)
        let opened = try HDF5Handle(
            path,
            "open \(name)",
            in: handle,
            release: H5Dclose,
            H5Dopen2(handle.id, name, hid_t(H5P_DEFAULT))
        )
        return try HDF5Dataset(opened, name: name)
    }

    private static func create(_ path: String) throws -> HDF5File {
        let access = try accessProperties(path)
        try HDF5.check(path, "prepare", H5Pset_alignment(access.id, 4096, 4096))
        // No buffer that is written later: a full disk is reported by the call that fills it.
        try HDF5.check(path, "prepare", H5Pset_sieve_buf_size(access.id, 0))
        // The metadata of HDF5 1.8 and later has checksums; with the older form a flipped bit can crash libhdf5.
        try HDF5.check(path, "prepare", H5Pset_libver_bounds(access.id, H5F_LIBVER_V18, H5F_LIBVER_V18))
        let creation = try HDF5Handle(path, "prepare", release: H5Pclose, H5Pcreate(hdf5_file_create_class()))
        try HDF5.check(path, "prepare", H5Pset_obj_track_times(creation.id, false))
        try HDF5.check(path, "prepare", H5Pset_attr_phase_change(creation.id, 64, 0))
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
