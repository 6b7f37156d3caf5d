import CTorch

/// Facts and settings of the whole process.
public enum LibTorch {
    /// Of the library that is loaded, such as `2.13.0`.
    public static var version: String {
        let version = ct_loaded_version()
        return [56, 48, 40].map { String((version >> $0) & 0xff) }.joined(separator: ".")
    }

    /// Of the headers that this program was built with, such as `2.13.0`.
    public static var versionBuiltFor: String { String(cString: ct_version()) }

    /// The file that `libtorch_cpu.so` was loaded from.
    public static var file: String { String(cString: ct_library()) }

    /// Whether it is a build with CUDA, with or without a driver and devices here.
    public static var isBuiltWithCUDA: Bool { ct_is_built_with_cuda() }

    /// Threads that one operation may use. Every calling thread gets a team of its own, so that n workers want 1 here; so
    /// does a program on cores that it shares, where some operators (softmax's gradient) wait for the whole team even
    /// over two numbers.
    /// The pool between operations, which nothing here uses, is held at one thread.
    /// - Throws: `TorchError` where `count` is not positive.
    public static func setThreads(_ count: Int) throws(TorchError) {
        try check(ct_set_threads(Int32(clamping: count)), "setThreads(_:)")
        try interOp.get()
    }

    private static let interOp = Result { () throws(TorchError) in
        try check(ct_set_interop_threads(1), "setThreads(_:)")
    }

    public static var cudaIsAvailable: Bool {
        get throws(TorchError) {
            var available = false
            try check(ct_cuda_is_available(&available), "cudaIsAvailable")
            return available
        }
    }

    /// 0 without CUDA.
    public static var cudaDevices: Int {
        get throws(TorchError) {
            var count: Int32 = 0
            try check(ct_cuda_devices(&count), "cudaDevices")
            return Int(count)
        }
    }

    /// The instructions that its kernels use on this processor, such as `AVX2`.
    public static var processorCapability: String {
        get throws(TorchError) {
            var text = [CChar](repeating: 0, count: 64)
            try check(ct_cpu_capability(&text, text.count), "processorCapability")
            return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        }
    }

    public static var hasOneDNN: Bool {
        get throws(TorchError) {
            var has = false
            try check(ct_has_onednn(&has), "hasOneDNN")
            return has
        }
    }

    /// Sends fp32 matrix products on the CPU through oneDNN, 1.1 to 1.3 times faster than MKL on AMD processors.
    ///
    /// fp32 stays fp32: LibTorch's switch for this permits oneDNN to use bf16, which it does only on processors with AMX;
    /// there, and on anything but x86-64, this does nothing and returns false. CUDA is never touched.
    @discardableResult
    public static func preferOneDNN() throws(TorchError) -> Bool {
        var preferred = false
        try check(ct_prefer_onednn(&preferred), "preferOneDNN()")
        return preferred
    }

    /// Puts large tensors on pages of 2 MB where Linux permits it. A training step makes every [N, D] anew, and the first
    /// touch of 4 KB pages costs it a tenth of its time. To be called before the first tensor.
    public static func preferLargePages() throws(TorchError) {
        try check(ct_prefer_large_pages(), "preferLargePages()")
    }
}
