// NVIDIA's driver (CUDA Driver API) and its management library (NVML), by their documented C interfaces. What is declared
// here is what is called; neither has headers on a machine without CUDA.

#include "support.hpp"

#include "ctorch_devices.h"

#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <stdexcept>
#include <string>

namespace {

/// A call of the driver that did not give CUDA_SUCCESS.
struct Refusal : std::runtime_error {
    int result;
    Refusal(int result, const std::string &words) : std::runtime_error(words), result(result) {}
};

template <size_t size>
void copy(const std::string &text, char (&place)[size]) {
    std::snprintf(place, size, "%s", text.c_str());
}

struct Library {
    void *handle;
    std::string name;

    explicit Library(const char *file) : handle(dlopen(file, RTLD_NOW | RTLD_LOCAL)), name(file) {
        if (!handle) fail();
    }

    template <typename Call>
    Call call(const char *symbol) const {
        void *found = dlsym(handle, symbol);
        if (!found) fail();
        return reinterpret_cast<Call>(found);
    }

private:
    [[noreturn]] void fail() const {
        const char *said = dlerror();
        throw std::runtime_error(said ? said : name + ": cannot be opened");
    }
};

/// libcuda.so.1. A CUresult and a CUdevice are an int each.
struct Driver {
    Library library;
    int (*init)(unsigned);
    int (*version)(int *);
    int (*count)(int *);
    int (*device)(int *, int);
    int (*name)(char *, int, int);
    int (*memory)(size_t *, int);
    int (*attribute)(int *, int, int);
    int (*error_name)(int, const char **);

    explicit Driver(const char *file)
        : library(file), init(library.call<int (*)(unsigned)>("cuInit")),
          version(library.call<int (*)(int *)>("cuDriverGetVersion")),
          count(library.call<int (*)(int *)>("cuDeviceGetCount")),
          device(library.call<int (*)(int *, int)>("cuDeviceGet")),
          name(library.call<int (*)(char *, int, int)>("cuDeviceGetName")),
          memory(library.call<int (*)(size_t *, int)>("cuDeviceTotalMem_v2")),
          attribute(library.call<int (*)(int *, int, int)>("cuDeviceGetAttribute")),
          error_name(library.call<int (*)(int, const char **)>("cuGetErrorName")) {}

    /// Of a part of a GPU (MIG) the part's own, as 16 bytes.
    std::string identity(int device) const {
        unsigned char bytes[16] = {};
        // Since CUDA 11.4; the older call tells of the whole GPU.
        check(library.call<int (*)(void *, int)>("cuDeviceGetUuid_v2")(bytes, device), "cuDeviceGetUuid_v2");
        std::string text;
        for (int index = 0; index < 16; ++index) {
            char digits[4];
            std::snprintf(digits, sizeof digits, "%02x", bytes[index]);
            if (index == 4 || index == 6 || index == 8 || index == 10) text += '-';
            text += digits;
        }
        return text;
    }

    void check(int result, const char *call) const {
        if (result == 0) return;
        const char *known = nullptr;
        const bool has_name = error_name(result, &known) == 0 && known;
        const std::string number = std::to_string(result);
        throw Refusal(result, std::string(call) + ": " + (has_name ? std::string(known) + " (" + number + ")" : number));
    }
};

/// libnvidia-ml.so.1. An nvmlReturn_t is an int, an nvmlDevice_t a pointer.
struct Management {
    struct Memory {
        unsigned long long total, free, used;
    };

    Library library;
    int (*shut_down)();

    explicit Management(const char *file) : library(file), shut_down(library.call<int (*)()>("nvmlShutdown")) {
        check(library.call<int (*)()>("nvmlInit_v2")(), "nvmlInit_v2");
    }
    Management(const Management &) = delete;
    ~Management() { shut_down(); }

    static void check(int result, const char *call) {
        if (result != 0) throw std::runtime_error(std::string(call) + ": " + std::to_string(result));
    }

    std::string release() const {
        char text[96] = {};
        const auto ask = library.call<int (*)(char *, unsigned)>("nvmlSystemGetDriverVersion");
        check(ask(text, sizeof text - 1), "nvmlSystemGetDriverVersion");
        return text;
    }

    /// Of a GPU or a part of one, which have names of their own.
    Memory memory(const std::string &identity) const {
        const auto find = library.call<int (*)(const char *, void **)>("nvmlDeviceGetHandleByUUID");
        void *device = nullptr;
        if (find(("GPU-" + identity).c_str(), &device) != 0)
            check(find(("MIG-" + identity).c_str(), &device), "nvmlDeviceGetHandleByUUID");
        Memory memory = {};
        const auto ask = library.call<int (*)(void *, Memory *)>("nvmlDeviceGetMemoryInfo");
        check(ask(device, &memory), "nvmlDeviceGetMemoryInfo");
        return memory;
    }
};

/// What `body` finds out; without the library, or where a call of it fails, nothing is known.
template <typename Body>
bool known(Body &&body) {
    try {
        body();
        return true;
    } catch (const std::runtime_error &) { return false; }
}

} // namespace

CTStatus ct_driver(const char *cuda, const char *management, CTDriver *out) {
    return guarded([&] {
        CTDriver facts = {};
        known([&] { copy(Management(management).release(), facts.release); });
        try {
            const Driver driver(cuda);
            facts.is_found = true;
            // Not of cuInit, which fails where there is no device.
            driver.check(driver.version(&facts.cuda), "cuDriverGetVersion");
            driver.check(driver.init(0), "cuInit");
            driver.check(driver.count(&facts.devices), "cuDeviceGetCount");
        } catch (const Refusal &refusal) {
            facts.result = refusal.result;
            copy(refusal.what(), facts.fault);
        } catch (const std::runtime_error &error) { copy(error.what(), facts.fault); }
        *out = facts;
    });
}

CTStatus ct_driver_gpu(const char *cuda, const char *management, int32_t index, CTGPU *out) {
    return guarded([&] {
        // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR.
        constexpr int major = 75, minor = 76;
        CTGPU facts = {};
        const Driver driver(cuda);
        int device = 0;
        size_t memory = 0;
        driver.check(driver.init(0), "cuInit");
        driver.check(driver.device(&device, index), "cuDeviceGet");
        driver.check(driver.name(facts.name, sizeof facts.name - 1, device), "cuDeviceGetName");
        driver.check(driver.memory(&memory, device), "cuDeviceTotalMem_v2");
        driver.check(driver.attribute(&facts.major, major, device), "cuDeviceGetAttribute");
        driver.check(driver.attribute(&facts.minor, minor, device), "cuDeviceGetAttribute");
        facts.memory = memory;
        facts.knows_free_memory = known([&] {
            facts.free_memory = Management(management).memory(driver.identity(device)).free;
            // Whatever it was told of, that is not the same.
            if (facts.free_memory > facts.memory) throw std::runtime_error("of another device");
        });
        *out = facts;
    });
}
