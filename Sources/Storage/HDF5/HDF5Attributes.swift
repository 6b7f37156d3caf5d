import CHDF5
import Files
import Foundation

/// The value of an attribute: a scalar or a short list.
enum HDF5Value: Equatable {
    case integer(Int)
    case number(Double)
    case text(String)
    case integers([Int])
    case numbers([Double])

    /// int64 where the number is whole, else fp64: as Python would have written it.
    static func plain(_ number: Double) -> HDF5Value { Int(exactly: number).map { .integer($0) } ?? .number(number) }

    var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        case .integers(let values): values.first.map { Double($0) }
        case .numbers(let values): values.first
        case .text: nil
        }
    }

    /// A whole number, also where it is stored as floating point.
    var integer: Int? { number.flatMap { Int(exactly: $0.rounded()) } }

    var text: String? { if case .text(let text) = self { text } else { nil } }
}

/// Anything that carries attributes: a file's root or an array.
struct HDF5Object {
    private let handle: HDF5Handle
    private var id: hid_t { handle.id }
    private var path: String { handle.path }

    init(_ handle: HDF5Handle) { self.handle = handle }

    func set(_ name: String, _ value: HDF5Value) throws {
        switch value {
        case .integer(let integer): try write(name, hdf5_int64(), nil, [Int64(integer)])
        case .integers(let integers): try write(name, hdf5_int64(), integers.count, integers.map { Int64($0) })
        case .number(let number): try write(name, hdf5_float64(), nil, [number])
        case .numbers(let numbers): try write(name, hdf5_float64(), numbers.count, numbers)
        case .text(let text):
            let type = try textType()
            try text.withCString { try write(name, type.id, nil, [$0]) }
        }
    }

    /// Names in alphabetical order.
    func names() throws -> [String] {
        final class Names { var all: [String] = [] }
        let names = Names()
        let context = Unmanaged.passUnretained(names).toOpaque()
        try HDF5.check(
            path,
            "list attributes",
            H5Aiterate2(
                id,
                H5_INDEX_NAME,
                H5_ITER_INC,
                nil,
                { _, name, _, context in
                    if let name, let context {
                        Unmanaged<Names>.fromOpaque(context).takeUnretainedValue().all.append(String(cString: name))
                    }
                    return 0
                },
                context
            )
        )
        return names.all.sorted()
    }

    /// nil where the attribute is absent or of a kind that is none of `HDF5Value`.
    func value(_ name: String) throws -> HDF5Value? {
        guard try HDF5.check(path, "look for \(name)", H5Aexists(id, name)) > 0 else { return nil }
        let attribute = try HDF5Handle(path, "open \(name)", release: H5Aclose, H5Aopen(id, name, hid_t(H5P_DEFAULT)))
        let type = try HDF5Handle(path, "type of \(name)", release: H5Tclose, H5Aget_type(attribute.id))
        let space = try HDF5Handle(path, "shape of \(name)", release: H5Sclose, H5Aget_space(attribute.id))
        let count = try HDF5.check(path, "shape of \(name)", H5Sget_simple_extent_npoints(space.id))
        let isScalar = H5Sget_simple_extent_type(space.id) == H5S_SCALAR
        guard (1...1024).contains(count) else { return nil }
        switch H5Tget_class(type.id) {
        case H5T_INTEGER:
            var values = [Int](repeating: 0, count: Int(count))
            try HDF5.check(path, "read \(name)", H5Aread(attribute.id, hdf5_int64(), &values))
            return isScalar ? .integer(values[0]) : .integers(values)
        case H5T_FLOAT:
            var values = [Double](repeating: 0, count: Int(count))
            try HDF5.check(path, "read \(name)", H5Aread(attribute.id, hdf5_float64(), &values))
            return isScalar ? .number(values[0]) : .numbers(values)
        case H5T_STRING where count == 1:
            return .text(try text(of: attribute, type, space))
        default: return nil
        }
    }

    /// In bytes; our own longest is a licence.
    private static let longestText = 16 << 20

    private func text(of attribute: HDF5Handle, _ type: HDF5Handle, _ space: HDF5Handle) throws -> String {
        guard H5Tis_variable_str(type.id) > 0 else {
            let size = H5Tget_size(type.id)
            guard size <= Self.longestText else {
                throw StorageError.malformed(path: path, reason: "an attribute claims a text of \(size) bytes")
            }
            var bytes = [UInt8](repeating: 0, count: size)
            try HDF5.check(path, "read text", H5Aread(attribute.id, type.id, &bytes))
            let end = bytes.firstIndex(of: 0) ?? bytes.endIndex
            return String(decoding: bytes[..<end], as: UTF8.self)
        }
        let memory = try HDF5Handle(path, "type of text", release: H5Tclose, H5Tcopy(type.id))
        var start: UnsafeMutablePointer<CChar>?
        try HDF5.check(path, "read text", H5Aread(attribute.id, memory.id, &start))
        defer { H5Dvlen_reclaim(memory.id, space.id, hid_t(H5P_DEFAULT), &start) }
        return start.map { String(cString: $0) } ?? ""
    }

    /// Variable-length UTF-8, which h5py reads as `str`.
    private func textType() throws -> HDF5Handle {
        let type = try HDF5Handle(path, "type of text", release: H5Tclose, H5Tcopy(hdf5_c_string()))
        try HDF5.check(path, "type of text", H5Tset_size(type.id, hdf5_variable_length()))
        try HDF5.check(path, "type of text", H5Tset_cset(type.id, H5T_CSET_UTF8))
        return type
    }

    /// `count` nil makes a scalar.
    private func write<Element>(_ name: String, _ type: hid_t, _ count: Int?, _ values: [Element]) throws {
        let space = try HDF5Handle(
            path,
            "shape of \(name)",
            release: H5Sclose,
            count.map { H5Screate_simple(1, [hsize_t($0)], nil) } ?? H5Screate(H5S_SCALAR)
        )
        let none = hid_t(H5P_DEFAULT)
        let attribute = try HDF5Handle(
            path,
            "create \(name)",
            release: H5Aclose,
            H5Acreate2(id, name, type, space.id, none, none)
        )
        try values.withUnsafeBytes { bytes in
            _ = try HDF5.check(path, "write \(name)", H5Awrite(attribute.id, type, bytes.baseAddress))
        }
        try attribute.close()
    }
}
