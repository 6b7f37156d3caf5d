import CHDF5
import Files
import Foundation

/// Calls into libhdf5: every return code is checked here, errors never print and never stay on the thread's stack.
enum HDF5 {
    /// `H5dont_atexit` comes before any other call, even one that silences errors (it fails otherwise): with it a failed write cannot crash the process at exit.
    private static let isUsable: Bool = {
        var isThreadSafe = false
        return hdf5_leave_exit_alone() >= 0 && H5open() >= 0 && H5is_library_threadsafe(&isThreadSafe) >= 0
            && isThreadSafe && hdf5_forget_external_links() >= 0
    }()

    static func prepare(path: String) throws {
        guard isUsable else {
            throw StorageError.malformed(
                path: path,
                reason: "this machine's libhdf5 is not built thread-safe; install Debian's or Ubuntu's libhdf5"
            )
        }
    }

    /// Makes one call; a negative code becomes an error that says which step failed and libhdf5's own reason.
    @discardableResult
    static func check<Code: SignedInteger>(
        _ path: String,
        _ step: String,
        _ call: @autoclosure () -> Code
    ) throws -> Code {
        hdf5_silence()
        let code = call()
        guard code >= 0 else { throw failure(path, step) }
        return code
    }

    private static func failure(_ path: String, _ step: String) -> StorageError {
        let text = [CChar](unsafeUninitializedCapacity: 512) { buffer, filled in
            if let start = buffer.baseAddress { hdf5_take_error(start, buffer.count) }
            filled = buffer.count
        }
        let end = text.firstIndex(of: 0) ?? text.endIndex
        let reason = String(decoding: text[..<end].map(UInt8.init(bitPattern:)), as: UTF8.self)
        // The file driver quotes the system's number: "…, errno = 28, error message = 'No space left on device', …".
        if let number = reason.firstMatch(of: /errno = (\d+)/), let errno = Int32(number.1), errno != 0 {
            return .system(path: path, call: step, errno: errno)
        }
        return .malformed(path: path, reason: "\(step): \(reason.isEmpty ? "libhdf5 gives no reason" : reason)")
    }
}

extension StorageError {
    static func readsBackDifferently(_ url: URL) -> StorageError {
        .malformed(path: url.path, reason: "the written file reads back differently; check the disk")
    }
}

/// One libhdf5 identifier; closed by `close()`, else when the last reference goes.
final class HDF5Handle {
    let id: hid_t
    let path: String
    private let release: (hid_t) -> herr_t
    /// The file that this lies in, kept until this is closed: a file with something open in it cannot close.
    private let owner: HDF5Handle?
    private var isOpen = true

    init(
        _ path: String,
        _ step: String,
        in owner: HDF5Handle? = nil,
        release: @escaping (hid_t) -> herr_t,
        _ open: @autoclosure () -> hid_t
    ) throws {
        try HDF5.prepare(path: path)
        id = try HDF5.check(path, step, open())
        self.path = path
        self.release = release
        self.owner = owner
    }

    func close() throws {
        guard isOpen else { return }
        isOpen = false
        try HDF5.check(path, "close", release(id))
    }

    deinit {
        // A file that matters is closed explicitly; what remains here is read-only or already has an error on its way.
        try? close()
    }
}
