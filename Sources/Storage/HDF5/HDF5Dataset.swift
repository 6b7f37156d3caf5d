import CHDF5
import Files
import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The kinds of number that we write, all little-endian.
enum HDF5Number: Equatable {
    case int64, float32, float64

    var type: hid_t {
        switch self {
        case .int64: hdf5_int64()
        case .float32: hdf5_float32()
        case .float64: hdf5_float64()
        }
    }
}

/// An array in an HDF5 file.
final class HDF5Dataset {
    let object: HDF5Object
    let name: String
    let shape: [Int]
    /// Product of the shape.
    public let count: Int
    /// fp16 to fp64 and their like.
    let isFloatingPoint: Bool
    private let handle: HDF5Handle
    private let type: HDF5Handle

    /// - Throws: `StorageError.malformed` for numbers of another class, a rank over 4 or a size that overflows.
    init(_ handle: HDF5Handle, name: String) throws {
        self.handle = handle
        self.name = name
        object = HDF5Object(handle)
        let path = handle.path
        // Before its shape is asked for, which may open those files.
        let storage = try HDF5.check(path, "storage of \(name)", hdf5_storage(handle.id))
        guard storage == 0 else {
            let kind =
                storage == 1 ? "lies in another file (external storage)" : "is put together from other files (virtual)"
            throw StorageError.malformed(
                path: path,
                reason: "\(name) \(kind), which is never read; write its numbers into this file (h5repack IN OUT)"
            )
        }
        type = try HDF5Handle(path, "type of \(name)", release: H5Tclose, H5Dget_type(handle.id))
        let typeClass = H5Tget_class(type.id)
        isFloatingPoint = typeClass == H5T_FLOAT
        guard isFloatingPoint || typeClass == H5T_INTEGER else {
            throw StorageError.malformed(path: path, reason: "\(name) holds no numbers")
        }
        let space = try HDF5Handle(path, "shape of \(name)", release: H5Sclose, H5Dget_space(handle.id))
        let rank = try HDF5.check(path, "shape of \(name)", H5Sget_simple_extent_ndims(space.id))
        var sides = [hsize_t](repeating: 0, count: 4)
        guard rank <= sides.count else {
            throw StorageError.malformed(path: path, reason: "\(name) has \(rank) dimensions")
        }
        try HDF5.check(path, "shape of \(name)", H5Sget_simple_extent_dims(space.id, &sides, nil))
        var product = 1
        shape = try sides.prefix(Int(rank)).map { side in
            guard let side = Int(exactly: side),
                case let (next, overflow) = product.multipliedReportingOverflow(by: side),
                !overflow, next <= Int.max / 8
            else { throw StorageError.malformed(path: path, reason: "the shape of \(name) is out of range") }
            product = next
            return side
        }
        count = rank == 0 ? 1 : product
        if let filter = try Self.missingFilter(handle, name) {
            throw StorageError.malformed(
                path: path,
                reason:
                    "\(name) is compressed with \(filter), which this machine's HDF5 lacks; write the file again with gzip or "
                    + "without compression (h5repack -f NONE IN OUT, where that filter is installed)"
            )
        }
    }

    /// A compression that cannot be undone here.
    private static func missingFilter(_ handle: HDF5Handle, _ name: String) throws -> String? {
        var number: Int32 = 0
        var stored = [CChar](repeating: 0, count: 64)
        let found = try HDF5.check(
            handle.path,
            "filters of \(name)",
            hdf5_missing_filter(handle.id, &number, &stored, stored.count)
        )
        guard found > 0 else { return nil }
        // The HDF Group's list of registered filters, and bzip2 as PyTables has it.
        let known: [Int32: String] = [
            4: "szip", 307: "bzip2", 32000: "LZF", 32001: "Blosc", 32004: "LZ4", 32008: "bitshuffle", 32013: "ZFP",
            32015: "Zstandard", 32017: "SZ", 32024: "SZ3", 32026: "Blosc2",
        ]
        let said = String(decoding: stored.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        let word = said.filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
        return "\(known[number] ?? (word.isEmpty ? "a filter" : word)) (HDF5 filter \(number))"
    }

    /// Byte offset of a contiguous array in its file; nil where it has no bytes of its own.
    var offset: Int? {
        hdf5_silence()
        let address = H5Dget_offset(handle.id)
        H5Eclear2(hid_t(H5E_DEFAULT))
        return address == hdf5_undefined_address() ? nil : Int(exactly: address)
    }

    func floats() throws -> [Float] {
        guard isHalf else { return try read(hdf5_float32()) }
        // libhdf5 converts fp16 bit by bit in software; the processor does it in one instruction.
        let halves: [Float16] = try read(type.id)
        return halves.map { Float($0) }
    }

    func doubles() throws -> [Double] { try read(hdf5_float64()) }

    func integers() throws -> [Int] { try read(hdf5_int64()) }

    /// Writes the whole array; `Element` must be the Swift twin of the array's number.
    func write<Element: BitwiseCopyable>(_ values: [Element]) throws {
        guard values.count == count, MemoryLayout<Element>.stride == H5Tget_size(type.id) else {
            throw StorageError.malformed(
                path: handle.path,
                reason: "\(name): \(values.count) values for \(count) places"
            )
        }
        guard count > 0 else { return }
        try values.withUnsafeBytes { bytes in
            _ = try HDF5.check(
                handle.path,
                "write \(name)",
                H5Dwrite(handle.id, type.id, H5S_ALL, H5S_ALL, hid_t(H5P_DEFAULT), bytes.baseAddress)
            )
        }
    }

    private var isHalf: Bool {
        var sign = 0
        var exponent = 0
        var exponentBits = 0
        var mantissa = 0
        var mantissaBits = 0
        guard isFloatingPoint, H5Tget_size(type.id) == 2, H5Tget_order(type.id) == H5T_ORDER_LE,
            H5Tget_fields(type.id, &sign, &exponent, &exponentBits, &mantissa, &mantissaBits) >= 0
        else { return false }
        return sign == 15 && exponentBits == 5 && mantissaBits == 10 && H5Tget_ebias(type.id) == 15
    }

    private func read<Element: BitwiseCopyable>(_ memoryType: hid_t) throws -> [Element] {
        guard count > 0 else { return [] }
        // Deflate reaches 1032 : 1 at most; more than that is a forged shape, and would ask for absurd memory. What is said of
        // the stored bytes may be forged too.
        let stored = min(H5Dget_storage_size(handle.id), UInt64(try RegularFile.size(URL(filePath: handle.path))))
        let (bytes, isTooMuch) = UInt64(count).multipliedReportingOverflow(by: UInt64(H5Tget_size(type.id)))
        guard !isTooMuch, bytes / 1032 < stored else {
            throw StorageError.malformed(
                path: handle.path,
                reason: "\(name) claims \(count) values but \(stored) bytes are stored for it"
            )
        }
        try checkMemory(count, MemoryLayout<Element>.stride)
        return try [Element](unsafeUninitializedCapacity: count) { buffer, filled in
            try HDF5.check(
                handle.path,
                "read \(name)",
                H5Dread(handle.id, memoryType, H5S_ALL, H5S_ALL, hid_t(H5P_DEFAULT), buffer.baseAddress)
            )
            filled = count
        }
    }

    /// An array that cannot be had ends the process; the same question to the system is answered.
    private func checkMemory(_ count: Int, _ width: Int) throws {
        let (bytes, isTooMuch) = count.multipliedReportingOverflow(by: width)
        let memory = isTooMuch ? nil : malloc(bytes)
        guard let memory else { throw StorageError.system(path: handle.path, call: "read \(name)", errno: ENOMEM) }
        free(memory)
    }
}
