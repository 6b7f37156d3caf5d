import CHDF5
import Foundation

@testable import Storage

/// What an HDF5 file holds: arrays as `coords`, their attributes as `coords@overlap`, those of the root as `@wsi_mpp`.
struct HDF5Listing {
    struct Entry: Equatable {
        /// `int64`, `float32`, `float64`, `text`, or what else it is.
        var type: String
        /// Empty for a scalar.
        var shape: [Int]
    }

    private(set) var entries: [String: Entry] = [:]

    init(_ url: URL) throws {
        try HDF5.prepare(path: url.path)
        let names = try HDF5File.open(url).names()
        let file = H5Fopen(url.path, hdf5_read_only(), hid_t(H5P_DEFAULT))
        guard file >= 0 else { throw Unreadable(path: url.path) }
        defer { H5Fclose(file) }
        let root = H5Gopen2(file, "/", hid_t(H5P_DEFAULT))
        guard root >= 0 else { throw Unreadable(path: url.path) }
        addAttributes(of: root, named: "")
        H5Gclose(root)
        for name in names {
            let dataset = H5Dopen2(file, name, hid_t(H5P_DEFAULT))
            guard dataset >= 0 else { throw Unreadable(path: "\(url.path): \(name)") }
            defer { H5Dclose(dataset) }
            let (type, space) = (H5Dget_type(dataset), H5Dget_space(dataset))
            defer {
                H5Tclose(type)
                H5Sclose(space)
            }
            entries[name] = Entry(type: Self.word(type), shape: Self.shape(space))
            addAttributes(of: dataset, named: name)
        }
    }

    struct Unreadable: Error { var path: String }

    private mutating func addAttributes(of object: hid_t, named name: String) {
        for index in 0..<max(0, H5Aget_num_attrs(object)) {
            let attribute = H5Aopen_idx(object, UInt32(index))
            defer { H5Aclose(attribute) }
            var letters = [CChar](repeating: 0, count: 256)
            H5Aget_name(attribute, letters.count, &letters)
            let text = String(decoding: letters.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let (type, space) = (H5Aget_type(attribute), H5Aget_space(attribute))
            defer {
                H5Tclose(type)
                H5Sclose(space)
            }
            entries["\(name)@\(text)"] = Entry(type: Self.word(type), shape: Self.shape(space))
        }
    }

    private static func word(_ type: hid_t) -> String {
        if H5Tequal(type, hdf5_int64()) > 0 { return "int64" }
        if H5Tequal(type, hdf5_float32()) > 0 { return "float32" }
        if H5Tequal(type, hdf5_float64()) > 0 { return "float64" }
        let isText = H5Tget_class(type) == H5T_STRING && H5Tis_variable_str(type) > 0
        return isText && H5Tget_cset(type) == H5T_CSET_UTF8 ? "text" : "another type"
    }

    private static func shape(_ space: hid_t) -> [Int] {
        let rank = max(0, Int(H5Sget_simple_extent_ndims(space)))
        guard rank > 0 else { return [] }
        var sides = [hsize_t](repeating: 0, count: rank)
        H5Sget_simple_extent_dims(space, &sides, nil)
        return sides.map { Int($0) }
    }
}
