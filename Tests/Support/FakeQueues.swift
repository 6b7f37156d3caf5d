public import Foundation

/// The queues of a device of LibTorch's in the place of the CPU's, for the process that loads them: they count who waits, and can be lost.
public struct FakeQueues {
    private let library: UnsafeMutableRawPointer

    /// Compiles and loads them.
    /// - Parameter libtorch: the file of `libtorch_cpu.so`, beside whose folder the headers lie.
    /// - Throws: `Unusable` where that fails.
    public init(in folder: URL, libtorch: String) throws {
        let (source, library) = (folder.appending(path: "queues.cpp"), folder.appending(path: "queues.so"))
        try Data(Self.source.utf8).write(to: source)
        let headers = URL(filePath: libtorch).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "include").path
        let compiler = Process()
        compiler.executableURL = URL(filePath: "/usr/bin/env")
        compiler.arguments = ["clang++", "-std=c++20", "-shared", "-fPIC", "-isystem", headers]
        compiler.arguments? += ["-o", library.path, source.path]
        try compiler.run()
        compiler.waitUntilExit()
        guard compiler.terminationStatus == 0, let loaded = dlopen(library.path, RTLD_NOW) else { throw Unusable() }
        self.library = loaded
    }

    private struct Unusable: Error {}

    /// How often somebody waited for one.
    public var waits: Int { call("fake_waits") }

    /// From now on to wait for one fails.
    public func lose() { _ = call("fake_lose") }

    private func call(_ name: String) -> Int {
        guard let found = dlsym(library, name) else { return -1 }
        return Int(unsafeBitCast(found, to: (@convention(c) () -> Int32).self)())
    }

    private static let source = """
        #include <c10/core/impl/DeviceGuardImplInterface.h>
        #include <stdexcept>

        static int waits;
        static bool is_lost;

        struct Queues final : c10::impl::NoOpDeviceGuardImpl<c10::DeviceType::CPU> {
            void synchronizeStream(const c10::Stream &) const override {
                ++waits;
                if (is_lost) throw std::runtime_error("CUDA error: unspecified launch failure");
            }
        };

        static c10::impl::DeviceGuardImplRegistrar registrar(c10::DeviceType::CPU, new Queues);

        extern "C" int fake_waits() { return waits; }
        extern "C" int fake_lose() { is_lost = true; return 0; }

        """
}
