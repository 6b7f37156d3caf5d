public import Foundation

/// NVIDIA's driver and its management library, made of the calls that `wsi` makes, for machines without one.
public struct FakeDriver: Sendable {
    /// The folder of both, for `LD_LIBRARY_PATH`.
    public let folder: URL

    public var library: URL { folder.appending(path: "libcuda.so.1") }
    public var management: URL { folder.appending(path: "libnvidia-ml.so.1") }

    /// Compiles them.
    /// - Parameters:
    ///   - gpus: 0 is CUDA_ERROR_NO_DEVICE.
    ///   - fault: what cuInit gives.
    /// - Throws: `NoCompiler` where that fails.
    public init(in folder: URL, gpus: Int = 2, fault: Int = 0) throws {
        self.folder = folder
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (source, library) in [(Self.driver, library), (Self.managing, management)] {
            let file = folder.appending(path: "\(library.lastPathComponent).c")
            try Data(source.utf8).write(to: file)
            let compiler = Process()
            compiler.executableURL = URL(filePath: "/usr/bin/env")
            let numbers = ["-DGPUS=\(gpus)", "-DFAULT=\(fault)"]
            compiler.arguments = ["clang", "-shared", "-fPIC"] + numbers + ["-o", library.path, file.path]
            try compiler.run()
            compiler.waitUntilExit()
            guard compiler.terminationStatus == 0 else { throw NoCompiler() }
        }
    }

    private struct NoCompiler: Error {}

    private static let driver = """
        #include <stdio.h>

        int cuInit(unsigned flags) { return flags ? 1 : FAULT ? FAULT : GPUS ? 0 : 100; }
        int cuDriverGetVersion(int *version) { *version = 12080; return 0; }
        int cuDeviceGetCount(int *count) { *count = GPUS; return 0; }
        int cuDeviceGet(int *device, int index) { *device = index + 7; return index < GPUS ? 0 : 101; }
        int cuDeviceGetName(char *name, int size, int device) {
            if (device < 7) return 101;
            snprintf(name, size, device == 7 ? "Fake A100" : "Fake H200");
            return 0;
        }
        int cuDeviceTotalMem_v2(size_t *memory, int device) { *memory = device == 7 ? 40000000000 : 141000000000; return 0; }
        int cuDeviceGetAttribute(int *value, int attribute, int device) {
            if (attribute != 75 && attribute != 76) return 1;
            *value = attribute == 76 ? 0 : device == 7 ? 8 : 9;
            return 0;
        }
        int cuDeviceGetUuid_v2(unsigned char *bytes, int device) {
            for (int index = 0; index < 16; ++index) bytes[index] = index * 16 + device;
            return 0;
        }
        int cuGetErrorName(int result, const char **name) {
            *name = result == 100 ? "CUDA_ERROR_NO_DEVICE" : result == 101 ? "CUDA_ERROR_INVALID_DEVICE" : 0;
            return *name ? 0 : 1;
        }

        """

    private static let managing = """
        #include <stdio.h>
        #include <string.h>

        struct memory { unsigned long long total, free, used; };
        int nvmlInit_v2(void) { return 0; }
        int nvmlShutdown(void) { return 0; }
        int nvmlSystemGetDriverVersion(char *text, unsigned size) { snprintf(text, size, "570.86.15"); return 0; }
        static struct memory known[] = {{40000000000, 39000000000, 1000000000}, {141000000000, 9000000000, 132000000000}};
        int nvmlDeviceGetHandleByUUID(const char *name, void **device) {
            *device = 0;
            // The second is a part of a GPU.
            if (!strcmp(name, "GPU-07172737-4757-6777-8797-a7b7c7d7e7f7")) *device = known;
            if (!strcmp(name, "MIG-08182838-4858-6878-8898-a8b8c8d8e8f8")) *device = known + 1;
            return *device ? 0 : 6;
        }
        int nvmlDeviceGetMemoryInfo(void *device, struct memory *memory) {
            *memory = *(struct memory *)device;
            return 0;
        }

        """
}
